import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { filtered, highPass, lowPass } from '../../../bench/training/biquad.ts';
import { speechLevel, toDecibels } from '../../../bench/training/loudness.ts';
import { NOISE_KINDS, type NoiseKind, withNoise } from '../../../bench/training/noise.ts';
import { rms } from '../../asr/audio/signals.ts';
import { speechLike } from './speech-like.ts';

const SPEECH = speechLike({ seconds: 2 });
const OTHERS = [3, 4].map((seed) => speechLike({ seconds: 1, seed }));

function noiseIn(kind: NoiseKind, snrDb: number, others = OTHERS): Float32Array {
  const noisy = withNoise(SPEECH, { kind, snrDb, others }, seededRandom(7));
  return noisy.map((sample, index) => sample - (SPEECH[index] as number));
}

/** How much louder the octave from 500 Hz is than the one from 2,000 Hz. */
function slopeDb(noise: Float32Array): number {
  const octave = (hz: number) => rms(filtered(noise, [...highPass(hz, 8), ...lowPass(2 * hz, 8)]));
  return toDecibels(octave(500) / octave(2_000));
}

describe('noise', () => {
  it.each(NOISE_KINDS)('of kind %s lies below the speech by what is asked for', (kind) => {
    for (const snrDb of [0, 20]) {
      const noise = noiseIn(kind, snrDb);
      expect(noise).toHaveLength(SPEECH.length);
      expect(toDecibels(speechLevel(SPEECH) / speechLevel(noise))).toBeCloseTo(snrDb, 2);
    }
  });

  it('has its colour: an octave of white has twice the power of the one below, of pink the same, of brown half', () => {
    expect(Math.abs(slopeDb(noiseIn('white', 0)) + 6)).toBeLessThan(1.5);
    expect(Math.abs(slopeDb(noiseIn('pink', 0)))).toBeLessThan(1.5);
    expect(Math.abs(slopeDb(noiseIn('brown', 0)) - 6)).toBeLessThan(1.5);
  });

  it('is pink where babble has nobody to speak', () => {
    expect(noiseIn('babble', 10, [])).toEqual(noiseIn('pink', 10));
    expect(noiseIn('babble', 10, [new Float32Array(100), new Float32Array(0)])).toEqual(noiseIn('pink', 10));
  });

  it('is none in silence', () => {
    const silence = new Float32Array(1_000);
    expect(withNoise(silence, { kind: 'white', snrDb: 0, others: [] }, seededRandom(1))).toEqual(silence);
  });
});
