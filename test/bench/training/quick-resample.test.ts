import { describe, expect, it } from 'vitest';
import { quickResample } from '../../../bench/training/quick-resample.ts';
import { largestDifference, rms, sine } from '../../asr/audio/signals.ts';

const RATIOS = [
  [2, 1],
  [40, 34],
  [40, 46],
  [8, 9],
] as const;

describe('quick resampling', () => {
  it.each(RATIOS)('by %i/%i keeps a sine in the pass band, in amplitude and in phase', (up, down) => {
    const band = 8_000 * Math.min(1, up / down);
    for (const hz of [100, 1_000, 0.85 * band]) {
      const output = quickResample(sine(hz, { rate: 16_000, length: 4_000 }), up, down);
      const expected = sine(hz, { rate: (16_000 * up) / down, length: output.length });
      expect(largestDifference(output.subarray(100, -100), expected.subarray(100, -100)), `${hz} Hz`).toBeLessThan(0.01);
    }
  });

  it('is down by 40 dB above the new band', () => {
    const output = quickResample(sine(7_600, { rate: 16_000, length: 4_000 }), 40, 46);
    expect(rms(output.subarray(100, -100))).toBeLessThan(0.0036);
  });

  it('gives ⌈length · up / down⌉ samples, of any length', () => {
    for (const [up, down] of RATIOS) {
      for (const length of [0, 1, 2, 77, 1_000]) {
        expect(quickResample(new Float32Array(length), up, down)).toHaveLength(Math.ceil((length * up) / down));
      }
    }
  });
});
