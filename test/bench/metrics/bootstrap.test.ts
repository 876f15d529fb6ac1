import { describe, expect, it } from 'vitest';
import { comparePaired, type PairedRatio, rateInterval } from '../../../bench/metrics/bootstrap.ts';

const SEED = { seed: 1 };
const repeated = <Unit>(count: number, unit: Unit) => Array.from({ length: count }, () => unit);

/** So many utterances of one word, so many of them wrong. */
const oneWord = (wrong: number, count: number) => [
  ...repeated(wrong, { errors: 1, length: 1 }),
  ...repeated(count - wrong, { errors: 0, length: 1 }),
];

describe('the interval of a rate', () => {
  it('has no width where all utterances are alike', () => {
    expect(rateInterval([repeated(20, { errors: 1, length: 4 })], SEED)).toEqual([0.25, 0.25]);
  });

  it('of independent words is that of the binomial distribution', () => {
    // 30 % of 400: standard error √(0.3 · 0.7 / 400) = 0.0229, 1.96 of them to each side
    const [low, high] = rateInterval([oneWord(120, 400)], { seed: 1, resamples: 5_000 });
    expect(low).toBeCloseTo(0.3 - 0.0449, 2);
    expect(high).toBeCloseTo(0.3 + 0.0449, 2);
  });

  it('is wider for more confidence', () => {
    const [low, high] = rateInterval([oneWord(10, 40)], { seed: 1, confidence: 0.5 });
    const [lower, higher] = rateInterval([oneWord(10, 40)], { seed: 1, confidence: 0.99 });
    expect(lower).toBeLessThan(low);
    expect(higher).toBeGreaterThan(high);
  });

  it('weighs utterances by their words', () => {
    const units = [{ errors: 9, length: 9 }, ...repeated(1, { errors: 0, length: 1 })];
    const [low, high] = rateInterval([units], SEED);
    // both, the long one twice, or the short one twice
    expect([low, high]).toEqual([0, 1]);
  });

  it('of several groups is that of the mean of their rates', () => {
    const groups = [repeated(500, { errors: 0, length: 10 }), repeated(5, { errors: 5, length: 10 })];
    expect(rateInterval(groups, SEED)).toEqual([0.25, 0.25]);
  });

  it('is the same for the same seed, and another one for another', () => {
    const units = [oneWord(7, 30)];
    expect(rateInterval(units, { seed: 3, resamples: 101 })).toEqual(rateInterval(units, { seed: 3, resamples: 101 }));
    const widths = [1, 2, 3, 4, 5].map((seed) => rateInterval(units, { seed, resamples: 101 }).join());
    expect(new Set(widths).size).toBeGreaterThan(1);
  });

  it('is unknown without utterances', () => {
    expect(rateInterval([[]], SEED)).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('a paired comparison', () => {
  const pair = (baseline: number, errors: number): PairedRatio => ({ baseline, errors, length: 10 });

  it('of a system with itself finds no difference', () => {
    const same = Array.from({ length: 30 }, (_, index) => pair(index % 7, index % 7));
    expect(comparePaired([same], SEED)).toEqual({ difference: 0, interval: [0, 0], pValue: 1 });
  });

  it('sees a small difference that all utterances share, however much they differ among themselves', () => {
    const better = Array.from({ length: 30 }, (_, index) => pair(1 + (index % 8), index % 8));
    const { difference, interval, pValue } = comparePaired([better], SEED);
    expect(difference).toBeCloseTo(-0.1, 12);
    expect(interval[0]).toBeCloseTo(-0.1, 12);
    expect(pValue).toBeCloseTo(2 / 1001, 12);
  });

  it('sees none where as many utterances gain as lose', () => {
    const mixed = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? pair(3, 4) : pair(4, 3)));
    const { difference, interval, pValue } = comparePaired([mixed], SEED);
    expect(difference).toBeCloseTo(0, 12);
    expect(interval[0]).toBeLessThan(0);
    expect(interval[1]).toBeGreaterThan(0);
    expect(pValue).toBeGreaterThan(0.5);
  });

  it('turns its sign, and not its p value, when the systems change places', () => {
    const there = Array.from({ length: 25 }, (_, index) => pair(index % 5, (index * 3) % 4));
    const back = there.map(({ baseline, errors }) => pair(errors, baseline));
    const [forward, backward] = [comparePaired([there], SEED), comparePaired([back], SEED)];
    expect(backward.difference).toBeCloseTo(-forward.difference, 12);
    expect(backward.pValue).toBe(forward.pValue);
  });

  it('of languages weighs each the same', () => {
    const groups = [repeated(100, pair(2, 1)), repeated(4, pair(2, 5))];
    expect(comparePaired(groups, SEED).difference).toBeCloseTo((-0.1 + 0.3) / 2, 12);
  });
});
