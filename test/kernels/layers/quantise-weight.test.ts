import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import {
  quantiseWeight,
  quantiseWeightInBlocks,
  scaleChannels,
  smoothingFactors,
  transposeWeight,
} from '../../../kernels/layers/quantise-weight.ts';
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

describe('quantiseWeightInBlocks', () => {
  it('is within half a step of every weight, with a scale for each 32 inputs, and fills the last block with zeros', () => {
    const [outDim, inDim, blocks] = [3, 70, 3];
    const weight = noise(seededRandom(1), outDim * inDim);
    const { values, scales } = quantiseWeightInBlocks(weight, outDim, inDim);
    expect([values.length, scales.length]).toEqual([outDim * blocks * 32, outDim * blocks]);
    for (let o = 0; o < outDim; o += 1) {
      for (let i = 0; i < blocks * 32; i += 1) {
        const scale = scales[o * blocks + Math.floor(i / 32)] ?? 0;
        const step = (values[o * blocks * 32 + i] ?? 0) - 128;
        const expected = i < inDim ? (weight[o * inDim + i] ?? 0) : 0;
        expect(Math.abs(step)).toBeLessThanOrEqual(127);
        expect(Math.abs(step * scale - expected)).toBeLessThanOrEqual(i < inDim ? scale * 0.5001 : 0);
      }
    }
  });

  it('keeps a block of zeros at zero', () => {
    const { values, scales } = quantiseWeightInBlocks(new Float32Array(32), 1, 32);
    expect([new Set(values), [...scales]]).toEqual([new Set([128]), [1]]);
  });

  it('refuses a weight of another size', () => {
    expect(() => quantiseWeightInBlocks(new Float32Array(5), 2, 3)).toThrow(/has 5 values, expected 2 × 3/);
  });
});

describe('transposeWeight', () => {
  it('turns [out, in] into [in, out]', () => {
    expect([...transposeWeight(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
  });
});

describe('smoothingFactors', () => {
  const weight = Float32Array.of(0.1, -0.2, 0.05, 0.4, 0.1, 0.1); // [2, 3]

  it('are larger where the input is larger and the weight smaller, with a geometric mean of 1', () => {
    const factors = smoothingFactors(weight, Float32Array.of(1, 8, 1));
    // peak^0.65 / heaviest^0.35, over their geometric mean
    const expected = [1 / 0.4 ** 0.35, 8 ** 0.65 / 0.2 ** 0.35, 1 / 0.1 ** 0.35];
    const mean = Math.cbrt(expected.reduce((product, factor) => product * factor, 1));
    for (const [i, factor] of factors.entries()) expect(factor).toBeCloseTo((expected[i] as number) / mean, 5);
  });

  it('stay finite where an input channel or a weight’s is all 0', () => {
    for (const peaks of [Float32Array.of(0, 1, 1), new Float32Array(3)]) {
      const factors = smoothingFactors(new Float32Array(6), peaks);
      expect(factors.every((factor) => Number.isFinite(factor) && factor > 0)).toBe(true);
    }
  });

  it('go into the weight’s channels', () => {
    expect([...scaleChannels(weight, Float32Array.of(2, 1, 4))]).toEqual([...Float32Array.of(0.2, -0.2, 0.2, 0.8, 0.1, 0.4)]);
  });
});
