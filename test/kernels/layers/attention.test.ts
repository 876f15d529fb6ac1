import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { GraphBuilder } from '../../../kernels/graph/graph-builder.ts';
import { f32, i32 } from '../../../kernels/graph/tensor-type.ts';
import { attendPast, attendWithin, splitHeads } from '../../../kernels/layers/attention.ts';
import { tensor } from '../../../kernels/session.ts';
import { runGraph } from '../../support/run-graph.ts';
import { noise, relativeError } from '../../support/tiny-weights.ts';

const HEADS = 2;
const HEAD_DIM = 8;
const DIM = HEADS * HEAD_DIM;

/** softmax(q kᵀ / √headDim) v for one query and one head, over `keys` of [position][headDim]. */
function attendOne(query: ArrayLike<number>, keys: readonly Float32Array[], values: readonly Float32Array[]): number[] {
  const scores = keys.map((key) => key.reduce((sum, k, i) => sum + k * (query[i] ?? 0), 0) / Math.sqrt(HEAD_DIM));
  const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: HEAD_DIM }, (_, i) =>
    values.reduce((sum, value, position) => sum + ((value[i] ?? 0) * (weights[position] ?? 0)) / total, 0),
  );
}

/** Rows of a [batch, positions, dim] tensor, cut to one head. */
function headOf(x: Float32Array, row: number, positions: number, head: number, length: number): Float32Array[] {
  return Array.from({ length }, (_, position) => {
    const start = (row * positions + position) * DIM + head * HEAD_DIM;
    return x.subarray(start, start + HEAD_DIM);
  });
}

describe('attendWithin', () => {
  it('attends to the first lengths[i] positions of row i and to nothing beyond', async () => {
    const [batch, positions] = [3, 6];
    const lengths = [6, 2, 4];
    const random = seededRandom(11);
    const [q, k, v] = [0, 1, 2].map(() => noise(random, batch * positions * DIM)) as [Float32Array, Float32Array, Float32Array];
    const graph = new GraphBuilder('attention');
    const input = (name: string) => graph.input(name, f32('batch', 'context', DIM));
    const [query, key, value] = [input('q'), input('k'), input('v')];
    const y = attendWithin(graph, { query, key, value, lengths: graph.input('lengths', i32('batch')), heads: HEADS });
    const shape = [batch, positions, DIM];
    const result = await runGraph(graph.build({ y }), {
      q: tensor(q, shape),
      k: tensor(k, shape),
      v: tensor(v, shape),
      lengths: tensor(Int32Array.from(lengths), [batch]),
    });
    const expected = lengths.flatMap((length, row) =>
      Array.from({ length: positions }, (_, position) =>
        Array.from({ length: HEADS }, (_, head) =>
          attendOne(
            headOf(q, row, positions, head, positions)[position] ?? [],
            headOf(k, row, positions, head, length),
            headOf(v, row, positions, head, length),
          ),
        ).flat(),
      ).flat(),
    );
    expect(relativeError(result['y'] ?? [], expected)).toBeLessThan(1e-6);
  });
});

describe('attendPast', () => {
  it('attends to a row’s own past and its new token, at a position of its own', async () => {
    const [rows, capacity] = [3, 8];
    const pastLengths = [0, 5, 7];
    const random = seededRandom(13);
    const pastK = noise(random, rows * HEADS * capacity * HEAD_DIM);
    const pastV = noise(random, rows * HEADS * capacity * HEAD_DIM);
    const [q, k, v] = [0, 1, 2].map(() => noise(random, rows * DIM)) as [Float32Array, Float32Array, Float32Array];
    const graph = new GraphBuilder('past');
    const cache = (name: string) => graph.input(name, f32('rows', HEADS, 'capacity', HEAD_DIM));
    const token = (name: string) => graph.input(name, f32('rows', 1, DIM));
    const y = attendPast(
      graph,
      {
        query: token('q'),
        key: token('k'),
        value: token('v'),
        pastKey: cache('past_k'),
        pastValue: cache('past_v'),
        pastLengths: graph.input('past_lengths', i32('rows')),
        totalLength: graph.input('total_length', i32()),
      },
      HEADS,
    );
    const result = await runGraph(graph.build({ y }), {
      q: tensor(q, [rows, 1, DIM]),
      k: tensor(k, [rows, 1, DIM]),
      v: tensor(v, [rows, 1, DIM]),
      past_k: tensor(pastK, [rows, HEADS, capacity, HEAD_DIM]),
      past_v: tensor(pastV, [rows, HEADS, capacity, HEAD_DIM]),
      past_lengths: tensor(Int32Array.from(pastLengths), [rows]),
      total_length: tensor(Int32Array.of(capacity), []),
    });
    const expected = pastLengths.flatMap((length, row) =>
      Array.from({ length: HEADS }, (_, head) => {
        const past = (values: Float32Array) =>
          Array.from({ length }, (_, position) => {
            const start = ((row * HEADS + head) * capacity + position) * HEAD_DIM;
            return values.subarray(start, start + HEAD_DIM);
          });
        const own = (values: Float32Array) => headOf(values, row, 1, head, 1);
        return attendOne(own(q)[0] ?? [], [...past(pastK), ...own(k)], [...past(pastV), ...own(v)]);
      }).flat(),
    );
    expect(relativeError(result['y'] ?? [], expected)).toBeLessThan(1e-6);
  });
});

describe('attendPast, for the first tokens of rows', () => {
  it('lets each look at itself and those before it, and at nothing of the cache', async () => {
    const [rows, tokens] = [2, 5];
    const random = seededRandom(17);
    const [q, k, v] = [0, 1, 2].map(() => noise(random, rows * tokens * DIM)) as [Float32Array, Float32Array, Float32Array];
    const cache = () => tensor(noise(random, rows * HEADS * tokens * HEAD_DIM), [rows, HEADS, tokens, HEAD_DIM]);
    const graph = new GraphBuilder('first');
    const input = (name: string) => graph.input(name, f32('rows', 'tokens', DIM));
    const past = (name: string) => graph.input(name, f32('rows', HEADS, 'capacity', HEAD_DIM));
    const [query, key, value, pastKey, pastValue] = [input('q'), input('k'), input('v'), past('past_k'), past('past_v')];
    const lengths = { pastLengths: graph.input('past_lengths', i32('rows')), totalLength: graph.input('total_length', i32()) };
    const y = attendPast(graph, { query, key, value, pastKey, pastValue, ...lengths }, HEADS);
    const result = await runGraph(graph.build({ y }), {
      q: tensor(q, [rows, tokens, DIM]),
      k: tensor(k, [rows, tokens, DIM]),
      v: tensor(v, [rows, tokens, DIM]),
      past_k: cache(),
      past_v: cache(),
      past_lengths: tensor(new Int32Array(rows).fill(tokens - 1), [rows]),
      total_length: tensor(Int32Array.of(tokens), []),
    });
    const expected = [0, 1].flatMap((row) =>
      Array.from({ length: tokens }, (_, token) =>
        Array.from({ length: HEADS }, (_, head) => {
          const own = (x: Float32Array) => headOf(x, row, tokens, head, token + 1);
          return attendOne(own(q)[token] ?? [], own(k), own(v));
        }).flat(),
      ).flat(),
    );
    expect(relativeError(result['y'] ?? [], expected)).toBeLessThan(1e-6);
  });
});

describe('splitHeads', () => {
  it('turns [batch, positions, dim] into [batch, heads, positions, headDim]', async () => {
    const graph = new GraphBuilder('split');
    const y = splitHeads(graph, graph.input('x', f32('batch', 'context', DIM)), HEADS, HEAD_DIM);
    expect(y.type.shape).toEqual(['batch', HEADS, 'context', HEAD_DIM]);
    const x = Float32Array.from({ length: 3 * DIM }, (_, i) => i);
    const { y: split } = await runGraph(graph.build({ y }), { x: tensor(x, [1, 3, DIM]) });
    expect(Array.from(split?.subarray(HEAD_DIM, 2 * HEAD_DIM) ?? [])).toEqual(Array.from(x.subarray(DIM, DIM + HEAD_DIM)));
  });
});
