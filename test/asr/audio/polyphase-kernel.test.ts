import { describe, expect, it } from 'vitest';
import { createPolyphaseKernel } from '../../../asr/audio/polyphase-kernel.ts';

describe('the polyphase kernel', () => {
  it('has rows whose weights sum to 1, of a multiple of four', () => {
    for (const [up, down] of [
      [2, 1],
      [1, 3],
      [160, 441],
      [16_000, 47_999],
    ] as const) {
      const { taps, coefficients, rowOf } = createPolyphaseKernel(up, down);
      expect(taps % 4).toBe(0);
      for (const phase of [0, Math.floor(up / 3), up - 1]) {
        const row = rowOf(phase);
        const sum = coefficients.subarray(row, row + taps).reduce((total, weight) => total + weight, 0);
        expect(sum, `${up}/${down}`).toBeCloseTo(1, 12);
      }
    }
  });

  it('mirrors itself: phase p from the left is phase up − p from the right', () => {
    const up = 160;
    const { taps, coefficients, rowOf } = createPolyphaseKernel(up, 441);
    const left = coefficients.slice(rowOf(40), rowOf(40) + taps);
    const right = coefficients.slice(rowOf(up - 40), rowOf(up - 40) + taps).reverse();
    for (let t = 0; t < taps; t += 1) expect(left[t]).toBeCloseTo(right[t] as number, 12);
  });

  it('interpolates between stored rows where there are too many phases, below −110 dB', () => {
    const exact = createPolyphaseKernel(1_000, 3_000 - 1);
    const many = createPolyphaseKernel(16_000, 47_984); // the same rates, not reduced
    const row = many.rowOf(16 * 333);
    for (let t = 0; t < exact.taps; t += 1) {
      const [wanted, got] = [exact.coefficients[exact.rowOf(333) + t] as number, many.coefficients[row + t] as number];
      expect(Math.abs(wanted - got)).toBeLessThan(10 ** (-110 / 20));
    }
  });
});
