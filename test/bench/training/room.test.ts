import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { speechLevel, toDecibels } from '../../../bench/training/loudness.ts';
import { inRoom } from '../../../bench/training/room.ts';
import { rms } from '../../asr/audio/signals.ts';
import { speechLike } from './speech-like.ts';

describe('a room', () => {
  it.each([0.2, 0.6])('lets a sound fall by 60 dB in %d s', (rt60Seconds) => {
    const click = new Float32Array(16_000);
    click[0] = 1;
    const heard = inRoom(click, { rt60Seconds, directDb: 0 }, seededRandom(3));
    const quarter = Math.round((rt60Seconds * 16_000) / 4); // 15 dB each
    const window = (at: number) => heard.subarray(at + 100, at + 100 + Math.floor(quarter / 2));
    expect(Math.abs(toDecibels(rms(window(0)) / rms(window(quarter))) - 15)).toBeLessThan(5);
  });

  it('leaves the direct sound where it is, and adds as much as asked for', () => {
    const speech = speechLike({ seconds: 1 });
    const heard = inRoom(speech, { rt60Seconds: 0.4, directDb: 10 }, seededRandom(3));
    expect(heard).toHaveLength(speech.length);
    const added = heard.map((sample, index) => sample - (speech[index] as number));
    expect(toDecibels(speechLevel(speech) / speechLevel(added))).toBeCloseTo(10, 2);
  });

  it('is silent without a sound', () => {
    const silence = new Float32Array(500);
    expect(inRoom(silence, { rt60Seconds: 0.4, directDb: 0 }, seededRandom(3))).toEqual(silence);
  });
});
