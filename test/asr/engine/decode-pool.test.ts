import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodePool, type EncodedRow } from '../../../asr/engine/decode-pool.ts';
import type { WhisperConfig } from '../../../asr/whisper/config.ts';
import { cacheInputNames } from '../../../asr/whisper/decoder-graph.ts';
import { crossOutputNames } from '../../../asr/whisper/encoder-graph.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { TINY } from '../../support/tiny-whisper.ts';

const CONFIG: WhisperConfig = { ...TINY, dim: 6, heads: 2, decoderLayers: 2, maxTokens: 80 };
const HEAD_DIM = CONFIG.dim / CONFIG.heads;
const POOL = { context: 300, slots: 9 };
/** key and value of each layer */
const CACHES = 2 * CONFIG.decoderLayers;

/** What one row has in each cache, by [cache][position][dim]. */
interface NaiveRow {
  readonly cross: readonly (readonly (readonly number[])[])[];
  readonly self: number[][][];
}

type Action =
  | { readonly kind: 'join'; readonly row: number; readonly context: number; readonly batch: number }
  | { readonly kind: 'steps'; readonly count: number; readonly tokens: number }
  | { readonly kind: 'leave'; readonly row: number }
  | { readonly kind: 'move'; readonly to: number }
  | { readonly kind: 'shrink' };

const actions = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('join' as const),
        row: fc.nat({ max: POOL.slots - 1 }),
        context: fc.integer({ min: 1, max: POOL.context }),
        batch: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('steps' as const),
        count: fc.integer({ min: 1, max: 40 }),
        tokens: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), row: fc.nat({ max: POOL.slots - 1 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), to: fc.nat({ max: POOL.slots - 1 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('shrink' as const) }) },
  ),
  { maxLength: 25 },
);

/** A pool beside plain nested arrays that should hold the same. */
class PoolAndReference {
  readonly pool = new DecodePool(CONFIG, POOL);
  readonly rows = new Map<number, NaiveRow>();
  readonly #random = seededRandom(5);

  play(action: Action): void {
    if (action.kind === 'join') this.#join(action);
    if (action.kind === 'leave') this.rows.delete(action.row);
    if (action.kind === 'move') this.#move(action.to);
    if (action.kind === 'shrink' && this.rows.size === 0) this.pool.shrink();
    if (action.kind === 'steps') for (let step = 0; step < action.count; step += 1) this.#step(action.tokens);
  }

  #join({ row, context, batch }: Extract<Action, { kind: 'join' }>): void {
    const paddedContext = context + 2;
    const outputs: Record<string, Float32Array> = {};
    const names = Array.from({ length: CONFIG.decoderLayers }, (_, layer) => Object.values(crossOutputNames(layer))).flat();
    for (const name of names) outputs[name] = this.#values(batch * paddedContext * CONFIG.dim);
    const batchIndex = batch - 1;
    const encoded: EncodedRow = { outputs, batchIndex, paddedContext, context };
    this.pool.join(row, encoded);
    const cross = names.map((name) =>
      Array.from({ length: context }, (_, position) =>
        byHead((head, i) => {
          const index = ((batchIndex * CONFIG.heads + head) * paddedContext + position) * HEAD_DIM + i;
          return outputs[name]?.[index] ?? Number.NaN;
        }),
      ),
    );
    this.rows.set(row, { cross, self: Array.from({ length: CACHES }, () => []) });
  }

  /** The last row, to a free place before it. */
  #move(to: number): void {
    const from = Math.max(-1, ...this.rows.keys());
    const row = this.rows.get(from);
    if (row === undefined || to > from || this.rows.has(to)) return;
    this.pool.move(from, to);
    this.rows.delete(from);
    this.rows.set(to, row);
  }

  /** Every row takes some tokens, those without room for so many excepted. */
  #step(count: number): void {
    for (const [row, { self }] of this.rows) {
      const position = self[0]?.length ?? 0;
      if (position + count > CONFIG.maxTokens) continue;
      const fresh = this.#values(count * CACHES * CONFIG.dim);
      this.pool.append(row, fresh, position);
      for (let token = 0; token < count; token += 1) {
        for (const [cache, tokens] of self.entries()) {
          const start = (token * CACHES + cache) * CONFIG.dim;
          tokens.push([...fresh.subarray(start, start + CONFIG.dim)]);
        }
      }
    }
  }

  #values(count: number): Float32Array {
    return Float32Array.from({ length: count }, () => this.#random());
  }
}

function byHead(value: (head: number, i: number) => number): readonly number[] {
  return Array.from({ length: CONFIG.dim }, (_, index) => value(Math.floor(index / HEAD_DIM), index % HEAD_DIM));
}

/** [position][dim] of a row in a fed cache of [rows, heads, length, headDim]. */
function fedRow(fed: { data: unknown; dims: readonly number[] } | undefined, row: number, length: number) {
  const values = fed?.data as Float32Array;
  const capacity = fed?.dims[2] ?? 0;
  return Array.from({ length }, (_, position) =>
    byHead((head, i) => values[((row * CONFIG.heads + head) * capacity + position) * HEAD_DIM + i] ?? Number.NaN),
  );
}

function expectAlike({ pool, rows }: PoolAndReference): void {
  const width = Math.max(-1, ...rows.keys()) + 1;
  if (width === 0) return;
  const most = (lengthOf: (row: NaiveRow) => number | undefined) =>
    Math.max(1, ...[...rows.values()].map((row) => lengthOf(row) ?? 0));
  const [tokens, context] = [most((row) => row.self[0]?.length), most((row) => row.cross[0]?.length)];
  // those behind the rows that a step feeds stay as they are
  pool.feeds({ rows: 1, taken: width, tokens, context });
  const feeds = pool.feeds({ rows: width, tokens, context });
  const fed = feeds[cacheInputNames(0).crossKey]?.dims[2] ?? 0;
  expect(fed).toBeGreaterThanOrEqual(context);
  expect(fed).toBeLessThan(2 * context + 128);
  for (const [row, { cross, self }] of rows) {
    for (let layer = 0; layer < CONFIG.decoderLayers; layer += 1) {
      const names = cacheInputNames(layer);
      for (const [offset, [crossName, selfName]] of [
        [names.crossKey, names.selfKey],
        [names.crossValue, names.selfValue],
      ].entries()) {
        const [heard, said] = [cross[2 * layer + offset] ?? [], self[2 * layer + offset] ?? []];
        expect(fedRow(feeds[crossName as string], row, heard.length)).toEqual(heard);
        expect(fedRow(feeds[selfName as string], row, said.length)).toEqual(said);
      }
    }
  }
}

describe('DecodePool', () => {
  it('holds what plain arrays hold, whoever joins, leaves, and however many tokens follow', () => {
    fc.assert(
      fc.property(actions, (script) => {
        const both = new PoolAndReference();
        for (const action of script) {
          both.play(action);
          expectAlike(both);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('feeds caches of the rows’ number, with room for tokens that grows in steps', () => {
    const pool = new DecodePool(CONFIG, { context: 7, slots: 9 });
    const shapes = (rows: number, tokens: number) => {
      const feeds = pool.feeds({ rows, tokens, context: 7 });
      return [feeds[cacheInputNames(0).selfKey]?.dims, feeds[cacheInputNames(1).crossValue]?.dims];
    };
    expect(shapes(1, 1)).toEqual([
      [1, 2, 32, 3],
      [1, 2, 7, 3],
    ]);
    expect(shapes(3, 32)).toEqual([
      [3, 2, 32, 3],
      [3, 2, 7, 3],
    ]);
    expect(shapes(9, 33)).toEqual([
      [9, 2, 64, 3],
      [9, 2, 7, 3],
    ]);
    expect(shapes(2, 65)).toEqual([
      [2, 2, 80, 3],
      [2, 2, 7, 3],
    ]);
    expect(shapes(2, 1)).toEqual([
      [2, 2, 80, 3],
      [2, 2, 7, 3],
    ]);
    pool.shrink();
    expect(shapes(2, 1)).toEqual([
      [2, 2, 32, 3],
      [2, 2, 7, 3],
    ]);
  });

  it('feeds the same tensors again while nothing grows', () => {
    const { pool } = new PoolAndReference();
    const room = { rows: 2, context: 60 };
    expect(pool.feeds({ ...room, tokens: 5 })).toBe(pool.feeds({ ...room, tokens: 6 }));
  });

  it('keeps its memory when a crowd comes, where it was reserved', () => {
    const memoryOf = (pool: DecodePool, rows: number) =>
      pool.feeds({ rows, tokens: 1, context: 1 })[cacheInputNames(0).crossKey]?.data;
    const bufferOf = (pool: DecodePool, rows: number) => (memoryOf(pool, rows) as Float32Array).buffer;
    const [grown, reserved] = [new DecodePool(CONFIG, POOL), new DecodePool(CONFIG, POOL)];
    reserved.reserve();
    expect(bufferOf(reserved, POOL.slots)).toBe(bufferOf(reserved, 1));
    const before = bufferOf(grown, 1);
    expect(bufferOf(grown, POOL.slots)).not.toBe(before);
  });

  it('computes over as much context as the longest row needs, and gives up what is twice as much', () => {
    const { pool } = new PoolAndReference();
    const contextFor = (context: number) => pool.feeds({ rows: 2, tokens: 1, context })[cacheInputNames(0).crossKey]?.dims[2];
    expect([1, 64, 65, 300, 129, 128, 127].map(contextFor)).toEqual([64, 64, 128, 300, 300, 128, 128]);
  });

  it('has zeros behind a row’s own context, whatever was there before', () => {
    const pool = new DecodePool(CONFIG, { context: 7, slots: 9 });
    const outputs = (context: number, value: number) =>
      Object.fromEntries(
        [0, 1].flatMap((layer) =>
          Object.values(crossOutputNames(layer)).map((name) => [name, new Float32Array(context * CONFIG.dim).fill(value)]),
        ),
      );
    pool.join(0, { outputs: outputs(7, Number.NaN), batchIndex: 0, paddedContext: 7, context: 7 });
    pool.join(0, { outputs: outputs(3, 1), batchIndex: 0, paddedContext: 3, context: 3 });
    const fed = pool.feeds({ rows: 1, tokens: 1, context: 3 })[cacheInputNames(1).crossValue];
    expect(fedRow(fed, 0, 7)).toEqual([1, 1, 1, 0, 0, 0, 0].map((value) => byHead(() => value)));
  });

  it('refuses a row that is too long for it, a place it does not have, and more tokens than the decoder has positions', () => {
    const pool = new DecodePool(CONFIG, { context: 7, slots: 9 });
    const row: EncodedRow = { outputs: {}, batchIndex: 0, paddedContext: 8, context: 8 };
    expect(() => pool.join(0, row)).toThrow(/context 8 does not fit a pool of 9 × 7/);
    expect(() => pool.join(9, { ...row, context: 1 })).toThrow(/Row 9/);
    expect(() => pool.feeds({ rows: 1, tokens: 81, context: 1 })).toThrow(/81 tokens exceed/);
  });
});
