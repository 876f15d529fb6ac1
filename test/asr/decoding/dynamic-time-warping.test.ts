import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RowSpan, warpingPath } from '../../../asr/decoding/dynamic-time-warping.ts';

interface Costs {
  readonly cost: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

const costs: fc.Arbitrary<Costs> = fc
  .record({ rows: fc.integer({ min: 1, max: 7 }), columns: fc.integer({ min: 1, max: 12 }) })
  .chain(({ rows, columns }) =>
    fc
      .array(fc.integer({ min: -8, max: 8 }), { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => ({ cost: Float32Array.from(values), rows, columns })),
  );

/** The least cost of any path, found by going back from the last place to all that may come before it. */
function naiveCost({ cost, rows, columns }: Costs): number {
  const known = new Map<number, number>();
  const best = (row: number, column: number): number => {
    if (row < 0 || column < 0) return Number.POSITIVE_INFINITY;
    const at = row * columns + column;
    const found = known.get(at);
    if (found !== undefined) return found;
    const before = at === 0 ? 0 : Math.min(best(row - 1, column - 1), best(row - 1, column), best(row, column - 1));
    known.set(at, before + (cost[at] ?? 0));
    return before + (cost[at] ?? 0);
  };
  return best(rows - 1, columns - 1);
}

function costOf(spans: readonly RowSpan[], { cost, columns }: Costs): number {
  return spans.reduce((sum, { first, last }, row) => {
    const own = cost.subarray(row * columns + first, row * columns + last + 1);
    return sum + own.reduce((total, value) => total + value, 0);
  }, 0);
}

describe('warpingPath', () => {
  it('costs as little as the cheapest path that a naive search finds', () => {
    fc.assert(
      fc.property(costs, (matrix) => {
        expect(costOf(warpingPath(matrix.cost, matrix.rows, matrix.columns), matrix)).toBe(naiveCost(matrix));
      }),
    );
  });

  it('goes from the first place to the last, leaves no column out, and never back', () => {
    fc.assert(
      fc.property(costs, ({ cost, rows, columns }) => {
        const spans = warpingPath(cost, rows, columns);
        expect(spans).toHaveLength(rows);
        expect([spans[0]?.first, spans.at(-1)?.last]).toEqual([0, columns - 1]);
        for (const [row, { first, last }] of spans.entries()) {
          expect(first).toBeLessThanOrEqual(last);
          const before = spans[row - 1];
          if (before !== undefined) expect([before.last, before.last + 1]).toContain(first);
        }
      }),
    );
  });

  it('follows a diagonal of low costs', () => {
    const cost = Float32Array.from([0, 0, 9, 9, 9, 9, 0, 9, 9, 9, 9, 0]);
    expect(warpingPath(cost, 3, 4)).toEqual([
      { first: 0, last: 1 },
      { first: 2, last: 2 },
      { first: 3, last: 3 },
    ]);
  });
});
