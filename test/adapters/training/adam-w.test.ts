import { describe, expect, it } from 'vitest';
import { type AdamWUpdate, adamWUpdate, zeroMoments } from '../../../adapters/training/adam-w.ts';
import { clipScale, gradientNorm } from '../../../adapters/training/clip.ts';
import { averageDecayAt, updateAverage } from '../../../adapters/training/moving-average.ts';
import { learningRateAt } from '../../../adapters/training/schedule.ts';

const SETTINGS = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 };

function work(changes: Partial<AdamWUpdate>): AdamWUpdate {
  return {
    values: Float32Array.of(1),
    gradient: Float32Array.of(0.5),
    moments: zeroMoments(1),
    update: 1,
    learningRate: 0.1,
    gradientScale: 1,
    identity: Float32Array.of(1),
    trained: [{ start: 0, end: 1 }],
    ...changes,
  };
}

describe('AdamW', () => {
  it('gives the values of a calculation by hand over two updates', () => {
    const first = work({});
    adamWUpdate(first, SETTINGS);
    // m = 0.05, v = 0.0025; corrected 0.5 and 0.25: one learning rate
    expect(first.values[0]).toBeCloseTo(0.9, 6);
    expect(first.moments.first[0]).toBeCloseTo(0.05, 7);
    expect(first.moments.second[0]).toBeCloseTo(0.0025, 8);
    const second = work({ ...first, gradient: Float32Array.of(-1), update: 2 });
    adamWUpdate(second, SETTINGS);
    // m = 0.045 − 0.1 = −0.055, by 0.19: −0.289474; v = 0.002475 + 0.01 = 0.012475, by 0.0199: 0.626884, root 0.791760
    expect(second.values[0]).toBeCloseTo(0.9 + (0.1 * 0.289474) / 0.79176, 6);
  });

  it('pulls towards the identity, apart from the gradient', () => {
    const update = work({
      values: Float32Array.of(3, 3),
      identity: Float32Array.of(1, 0),
      gradient: Float32Array.of(0, 0),
      moments: zeroMoments(2),
      trained: [{ start: 0, end: 2 }],
    });
    adamWUpdate(update, { ...SETTINGS, weightDecay: 0.5 });
    expect(update.values[0]).toBeCloseTo(3 - 0.1 * 0.5 * 2, 6);
    expect(update.values[1]).toBeCloseTo(3 - 0.1 * 0.5 * 3, 6);
  });

  it('leaves entries that are not trained as they are', () => {
    const update = work({
      values: Float32Array.of(1, 5, 1),
      identity: new Float32Array(3),
      gradient: Float32Array.of(1, Number.NaN, 1),
      moments: zeroMoments(3),
      trained: [
        { start: 0, end: 1 },
        { start: 2, end: 3 },
      ],
    });
    adamWUpdate(update, { ...SETTINGS, weightDecay: 0.5 });
    expect(update.values[1]).toBe(5);
    expect([...update.moments.first].map((value) => value !== 0)).toEqual([true, false, true]);
  });
});

describe('clipping', () => {
  it('measures trained entries only, and scales down to the limit', () => {
    const gradient = Float32Array.of(3, Number.NaN, 4);
    const trained = [
      { start: 0, end: 1 },
      { start: 2, end: 3 },
    ];
    expect(gradientNorm(gradient, trained)).toBe(5);
    expect(gradientNorm(gradient, [{ start: 0, end: 3 }])).toBeNaN();
    expect(clipScale(5, 1)).toBeCloseTo(0.2, 12);
    expect(clipScale(0.5, 1)).toBe(1);
    expect(clipScale(5, null)).toBe(1);
  });

  it('has room for the squares of the largest gradients', () => {
    expect(gradientNorm(Float32Array.of(3e38, 3e38), [{ start: 0, end: 2 }])).toBeCloseTo(3e38 * Math.SQRT2, -33);
  });
});

describe('the learning rate', () => {
  const schedule = { peakLearningRate: 1, warmupSteps: 4, finalShare: 0.1 };

  it('rises over the warm-up, and falls over the run to its final share', () => {
    const rates = [0, 1, 3, 50, 99, 100].map((step) => learningRateAt({ step, progress: step / 100 }, schedule));
    const expected = [0.25, 0.5 * 0.991, 0.973, 0.55, 0.109, 0.1];
    for (const [index, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[index] as number, 12);
  });

  it('begins at the peak without a warm-up', () => {
    expect(learningRateAt({ step: 0, progress: 0 }, { ...schedule, warmupSteps: 0 })).toBe(1);
  });
});

describe('the moving average', () => {
  it('forgets its beginning, then keeps its limit', () => {
    expect(averageDecayAt(1, 0.99)).toBeCloseTo(2 / 11, 12);
    expect(averageDecayAt(5000, 0.99)).toBe(0.99);
    const average = Float32Array.of(0, 1);
    updateAverage(average, Float32Array.of(1, 1), 0.75);
    expect([...average]).toEqual([0.25, 1]);
  });
});
