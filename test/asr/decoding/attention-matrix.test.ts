import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attention, attentionMatrix, medianFilter } from '../../../asr/decoding/attention-matrix.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { noise } from '../../support/tiny-weights.ts';

function randomAttention({ steps = 9, positions = 30, heads = 3, headDim = 8, seed = 1 } = {}): Attention {
  const random = seededRandom(seed);
  return {
    queries: Array.from({ length: steps }, () => noise(random, heads * headDim)),
    // more than the audio's own positions: what lies beyond is padding
    keys: Array.from({ length: heads }, () => noise(random, (positions + 5) * headDim)),
    headDim,
    positions,
  };
}

/** In plain loops, step by step as openai/whisper has it. */
function naiveMatrix({ queries, keys, headDim, positions }: Attention, firstStep: number): readonly number[][] {
  const perHead = keys.map((key, head) => {
    const weights = queries.map((query) => {
      const scores = Array.from({ length: positions }, (_, position) => {
        const products = Array.from(
          { length: headDim },
          (_unused, i) => (query[head * headDim + i] ?? 0) * (key[position * headDim + i] ?? 0),
        );
        return Math.exp(products.reduce((sum, product) => sum + product, 0) / Math.sqrt(headDim));
      });
      const total = scores.reduce((sum, score) => sum + score, 0);
      return scores.map((score) => score / total);
    });
    const standardised = weights.map((row) =>
      row.map((value, position) => {
        const column = weights.map((other) => other[position] ?? 0);
        const mean = column.reduce((sum, one) => sum + one, 0) / column.length;
        const variance = column.reduce((sum, one) => sum + (one - mean) ** 2, 0) / column.length;
        return (value - mean) / Math.sqrt(variance);
      }),
    );
    return standardised.map(naiveMedians);
  });
  return queries
    .map((_, step) =>
      Array.from({ length: positions }, (_unused, position) => {
        const values = perHead.map((rows) => rows[step]?.[position] ?? 0);
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      }),
    )
    .slice(firstStep);
}

function naiveMedians(values: readonly number[]): number[] {
  const mirrored = (at: number) => values[at < 0 ? -at : at >= values.length ? 2 * values.length - 2 - at : at] ?? 0;
  return values.map(
    (_, at) => [-3, -2, -1, 0, 1, 2, 3].map((offset) => mirrored(at + offset)).toSorted((x, y) => x - y)[3] ?? 0,
  );
}

describe('attentionMatrix', () => {
  for (const steps of [2, 5, 8, 9]) {
    it(`is what Whisper’s formulas give in plain loops, to 1e-4, for ${steps} steps`, () => {
      const attention = randomAttention({ steps, seed: steps });
      const matrix = attentionMatrix(attention, 1);
      for (const [row, values] of naiveMatrix(attention, 1).entries()) {
        for (const [position, value] of values.entries()) {
          expect(Math.abs((matrix[row * attention.positions + position] ?? Number.NaN) - value)).toBeLessThan(1e-4);
        }
      }
    });
  }

  it('knows nothing where all steps look alike, rather than dividing by zero', () => {
    const { queries, ...rest } = randomAttention();
    const same = queries.map(() => queries[0] ?? new Float32Array(0));
    expect([...attentionMatrix({ ...rest, queries: same }, 1)].every(Number.isFinite)).toBe(true);
  });
});

describe('medianFilter', () => {
  it('gives the medians of seven neighbours that sorting gives', () => {
    const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(values, (list) => {
        const smooth = new Float32Array(list.length);
        medianFilter(Float32Array.from(list), smooth);
        // −0 is 0
        expect(Array.from(smooth, (value) => value + 0)).toEqual(naiveMedians(list).map((value) => value + 0));
      }),
    );
  });

  it('leaves too few values as they are', () => {
    const smooth = new Float32Array(3);
    medianFilter(Float32Array.of(3, 1, 2), smooth);
    expect([...smooth]).toEqual([3, 1, 2]);
  });
});
