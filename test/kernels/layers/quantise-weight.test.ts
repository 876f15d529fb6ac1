import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { quantiseWeight, transposeWeight } from '../../../kernels/layers/quantise-weight.ts';
import { noise } from '../../support/tiny-weights.ts';

describe('quantiseWeight', () => {
  it('is within half a step of every weight and never beyond ±127', () => {
    const [outDim, inDim] = [9, 31];
    const weight = noise(seededRandom(1), outDim * inDim);
    const { values, scales } = quantiseWeight(weight, outDim, inDim);
    for (let o = 0; o < outDim; o += 1) {
      for (let i = 0; i < inDim; i += 1) {
        const q = values[i * outDim + o] ?? Number.NaN;
        expect(Math.abs(q)).toBeLessThanOrEqual(127);
        expect(Math.abs(q * (scales[o] ?? 0) - (weight[o * inDim + i] ?? 0))).toBeLessThanOrEqual((scales[o] ?? 0) * 0.5001);
      }
    }
  });

  it('keeps a channel of zeros at zero', () => {
    const { values, scales } = quantiseWeight(new Float32Array(6), 2, 3);
    expect([...values]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...scales]).toEqual([1, 1]);
  });

  it('refuses a weight of another size', () => {
    expect(() => quantiseWeight(new Float32Array(5), 2, 3)).toThrow(/has 5 values, expected 2 × 3/);
  });
});

describe('transposeWeight', () => {
  it('turns [out, in] into [in, out]', () => {
    expect([...transposeWeight(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
  });
});
