import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { padded, quietEdges, roomTone, toSamples, trimmed } from '../../../bench/training/edges.ts';
import { noiseFloor, peakOf, speechLevel, toAmplitude } from '../../../bench/training/loudness.ts';
import { withNoise } from '../../../bench/training/noise.ts';
import { speechLike } from './speech-like.ts';

const SPEECH = speechLike({ seconds: 2, quietSeconds: 0.4 });

describe('the edges of an utterance', () => {
  it('are the quiet before and behind the speech, less 50 ms', () => {
    const { leading, trailing } = quietEdges(SPEECH);
    for (const edge of [leading, trailing]) {
      expect(edge).toBeGreaterThan(toSamples(320));
      expect(edge).toBeLessThanOrEqual(toSamples(360));
    }
  });

  it('are none of silence, of nothing, and of speech from end to end', () => {
    for (const samples of [new Float32Array(0), new Float32Array(3_200), new Float32Array(320).fill(0.3)]) {
      expect(quietEdges(samples)).toEqual({ leading: 0, trailing: 0 });
    }
  });

  it('are trimmed by a share, and nothing of the speech is lost', () => {
    expect(trimmed(SPEECH, [0, 0])).toEqual(SPEECH);
    const short = trimmed(SPEECH, [1, 1]);
    expect(short.length).toBeLessThan(toSamples(1_360));
    expect(peakOf(short)).toBe(peakOf(SPEECH));
    expect(quietEdges(short)).toEqual({ leading: 0, trailing: 0 });
  });

  it('are padded with what is heard between the words', () => {
    const longer = padded(SPEECH, [100, 250], seededRandom(1));
    expect(longer.subarray(1_600, 1_600 + SPEECH.length)).toEqual(SPEECH);
    expect(longer).toHaveLength(SPEECH.length + 1_600 + 4_000);
    const [before, behind] = [longer.subarray(0, 1_600), longer.subarray(1_600 + SPEECH.length)];
    for (const edge of [before, behind]) {
      expect(speechLevel(edge)).toBeLessThan(1.2 * noiseFloor(SPEECH));
      expect(speechLevel(edge)).toBeGreaterThan(0.09 * noiseFloor(SPEECH));
    }
  });
});

describe('room tone', () => {
  it('is at most 25 dB below the speech where that has no pause, and never digital silence', () => {
    const steady = new Float32Array(1_600).fill(0.5);
    const level = speechLevel(roomTone(16_000, [steady], seededRandom(1)));
    expect(level).toBeLessThanOrEqual(0.5 * toAmplitude(-25) * 1.001);
    expect(level).toBeGreaterThan(0.5 * toAmplitude(-45) * 0.999);
    expect(speechLevel(roomTone(16_000, [new Float32Array(1_600)], seededRandom(1)))).toBeCloseTo(toAmplitude(-85), 7);
    expect(roomTone(0, [steady], seededRandom(1))).toHaveLength(0);
  });

  it('is found again as quiet, in speech over noise', () => {
    const noisy = withNoise(SPEECH, { kind: 'pink', snrDb: 32, others: [] }, seededRandom(2));
    const { leading, trailing } = quietEdges(noisy);
    for (const edge of [leading, trailing]) expect(edge).toBeGreaterThan(toSamples(250));
    for (const edge of [leading, trailing]) expect(edge).toBeLessThanOrEqual(toSamples(370));
  });
});
