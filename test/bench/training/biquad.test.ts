import { describe, expect, it } from 'vitest';
import { type Biquad, bell, filtered, highPass, highShelf, lowPass } from '../../../bench/training/biquad.ts';
import { toDecibels } from '../../../bench/training/loudness.ts';
import { rms, sine } from '../../asr/audio/signals.ts';

/** What the sections do to a sine, once they have settled. */
function gainDb(sections: readonly Biquad[], hz: number): number {
  const tone = sine(hz, { rate: 16_000, length: 16_000 });
  return toDecibels(rms(filtered(tone, sections).subarray(8_000)) / rms(tone.subarray(8_000)));
}

describe('filters', () => {
  it.each([2, 4, 8])('of order %i pass their band, are down by 3 dB at its edge, and fall behind it', (order) => {
    for (const [sections, inside, outside] of [
      [lowPass(2_000, order), 200, 6_000],
      [highPass(2_000, order), 6_000, 200],
    ] as const) {
      expect(gainDb(sections, inside)).toBeCloseTo(0, 1);
      expect(gainDb(sections, 2_000)).toBeCloseTo(-3.01, 1);
      expect(gainDb(sections, outside)).toBeLessThan(-9 * order);
    }
  });

  it('raise or lower a bell where they should, and nothing far from it', () => {
    for (const decibels of [-6, 6]) {
      expect(gainDb([bell({ hz: 1_000, decibels })], 1_000)).toBeCloseTo(decibels, 1);
      expect(Math.abs(gainDb([bell({ hz: 1_000, decibels })], 60))).toBeLessThan(0.3);
    }
  });

  it('raise or lower what is above a shelf, half of it there', () => {
    for (const decibels of [-6, 6]) {
      const shelf = [highShelf({ hz: 1_000, decibels })];
      expect(gainDb(shelf, 7_000)).toBeCloseTo(decibels, 1);
      expect(gainDb(shelf, 1_000)).toBeCloseTo(decibels / 2, 1);
      expect(Math.abs(gainDb(shelf, 60))).toBeLessThan(0.1);
    }
  });

  it('leave what they are given as it is', () => {
    const tone = sine(400, { rate: 16_000, length: 100 });
    filtered(tone, lowPass(2_000, 4));
    expect(tone).toEqual(sine(400, { rate: 16_000, length: 100 }));
  });
});
