import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { concatenate, concatenatedLength, drawGaps } from '../../../bench/training/concatenate.ts';
import { peakOf, speechLevel, toDecibels } from '../../../bench/training/loudness.ts';
import { speechLike } from './speech-like.ts';

const GAP_MS = [50, 500] as const;
const LOUD = { samples: speechLike({ seconds: 1, peak: 0.9 }), text: 'Un cotxe.' };
const SOFT = { samples: speechLike({ seconds: 0.5, peak: 0.1, seed: 2 }), text: 'Dos gats ' };

describe('concatenation', () => {
  it('joins texts as they are, by spaces', () => {
    expect(concatenate([LOUD, SOFT, LOUD], GAP_MS, seededRandom(1)).text).toBe('Un cotxe. Dos gats Un cotxe.');
  });

  it('is as long as its parts and the gaps that are drawn first', () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const gaps = drawGaps(3, GAP_MS, seededRandom(seed));
      expect(gaps).toHaveLength(2);
      for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(50);
      for (const gap of gaps) expect(gap).toBeLessThanOrEqual(500);
      const { samples } = concatenate([LOUD, SOFT, LOUD], GAP_MS, seededRandom(seed));
      expect(samples).toHaveLength(concatenatedLength([16_000, 8_000, 16_000], gaps));
    }
  });

  it('brings the parts nearly to one level, and a little of the difference stays', () => {
    const gapMs = [100, 100] as const;
    const { samples } = concatenate([LOUD, SOFT], gapMs, seededRandom(4));
    const [loud, soft] = [samples.subarray(0, 16_000), samples.subarray(17_600)];
    const difference = Math.abs(toDecibels(speechLevel(loud) / speechLevel(soft)));
    expect(difference).toBeLessThanOrEqual(6.01);
    expect(peakOf(samples)).toBeLessThanOrEqual(1);
    expect(speechLevel(samples.subarray(16_000, 17_600))).toBeLessThan(0.02 * speechLevel(soft));
  });

  it('leaves silence alone', () => {
    const silence = { samples: new Float32Array(1_000), text: '' };
    expect(concatenate([silence, silence], GAP_MS, seededRandom(1)).samples.every(Number.isFinite)).toBe(true);
  });
});
