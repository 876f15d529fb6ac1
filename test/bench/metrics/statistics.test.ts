import { describe, expect, it } from 'vitest';
import { mean, median, quantile, summarise } from '../../../bench/metrics/statistics.ts';

describe('statistics', () => {
  it('interpolate a quantile between its neighbours', () => {
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
    expect(quantile([10, 20], 0.95)).toBeCloseTo(19.5, 12);
  });

  it('take the middle value, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 2, 9, 1])).toBe(5.5);
  });

  it('summarise values', () => {
    expect(summarise([1, 2, 3])).toEqual({ count: 3, mean: 2, min: 1, median: 2, p95: 2.9, max: 3 });
  });

  it('have no value where there are no values', () => {
    expect(median([])).toBeNaN();
    expect(mean([])).toBeNaN();
  });

  it('refuse a share outside of [0, 1]', () => {
    expect(() => quantile([1], 95)).toThrow('95');
  });
});
