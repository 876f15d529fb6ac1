import { FloraAsrError } from '../../kernels/errors.ts';
import { type BoundaryTensor, tensor } from '../../kernels/session.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { cacheInputNames } from '../whisper/decoder-graph.ts';
import { crossOutputNames } from '../whisper/encoder-graph.ts';

/** Room for tokens in the self-attention cache. It grows in steps, because its whole capacity is read at each step. */
const CAPACITY_STEPS = [32, 64, 128, 256, 448];

/** What the encoder left for one row, inside the outputs of its batch. */
export interface EncodedRow {
  /** fetched outputs by name, each [batch, heads, context, headDim] */
  readonly outputs: Readonly<Record<string, Float32Array>>;
  readonly batchIndex: number;
  /** the batch's padded context */
  readonly paddedContext: number;
  /** the row's own context */
  readonly context: number;
}

/**
 * The caches of the rows that decode side by side with the same context capacity.
 *
 * Invariants: a row's cross-attention keys and values lie at [0, its context) of its slot; what lies
 * beyond is 0 and masked by the row's length. Its self-attention cache holds its tokens at
 * [0, position). The arrays are fed to onnxruntime without a copy, so nothing writes them during a run.
 */
export class DecodePool {
  readonly context: number;
  readonly maxRows: number;
  readonly #heads: number;
  readonly #headDim: number;
  readonly #layers: number;
  readonly #tokenSteps: readonly number[];
  #rows = 0;
  #capacity = 0;
  /** layer by layer key then value, [rows, heads, context, headDim] */
  #cross: Float32Array[];
  /** layer by layer key then value, [rows, heads, capacity, headDim] */
  #self: Float32Array[];
  #feeds: { readonly rows: number; readonly tensors: Readonly<Record<string, BoundaryTensor>> } | null = null;

  constructor(config: WhisperConfig, pool: { readonly context: number; readonly slots: number }) {
    this.context = pool.context;
    this.maxRows = pool.slots;
    this.#heads = config.heads;
    this.#headDim = config.dim / config.heads;
    this.#layers = config.decoderLayers;
    this.#tokenSteps = [...CAPACITY_STEPS.filter((step) => step < config.maxTokens), config.maxTokens];
    this.#cross = this.#emptyCache();
    this.#self = this.#emptyCache();
  }

  /**
   * Takes the memory of all rows now. Else it is taken with the first crowd, whenever that comes, and a service that has
   * run for hours seems to leak.
   */
  reserve(): void {
    this.#reserveRows(this.maxRows);
    // pages are the process's own only once they have been written
    for (const cache of this.#cross) cache.fill(0);
  }

  /** Copies a freshly encoded row into its slot. */
  join(row: number, encoded: EncodedRow): void {
    if (encoded.context > this.context || row >= this.maxRows) {
      throw new FloraAsrError(
        'shape_mismatch',
        `Row ${row} with context ${encoded.context} does not fit a pool of ${this.maxRows} × ${this.context}.`,
      );
    }
    this.#reserveRows(row + 1);
    const { batchIndex, paddedContext, context } = encoded;
    for (let layer = 0; layer < this.#layers; layer += 1) {
      const names = crossOutputNames(layer);
      for (const [offset, name] of [names.key, names.value].entries()) {
        const source = encoded.outputs[name];
        const target = this.#cross[2 * layer + offset];
        if (source === undefined || target === undefined) throw new FloraAsrError('shape_mismatch', `No output ${name}.`);
        for (let head = 0; head < this.#heads; head += 1) {
          const from = (batchIndex * this.#heads + head) * paddedContext * this.#headDim;
          const to = (row * this.#heads + head) * this.context * this.#headDim;
          target.set(source.subarray(from, from + context * this.#headDim), to);
          // masked, but a NaN that another row left there would come through: 0 · NaN is NaN
          target.fill(0, to + context * this.#headDim, to + this.context * this.#headDim);
        }
      }
    }
  }

  /** Copies everything a row has to another slot, over what is there. */
  move(from: number, to: number): void {
    const copy = (cache: Float32Array, length: number) => {
      const size = this.#heads * length * this.#headDim;
      cache.copyWithin(to * size, from * size, (from + 1) * size);
    };
    for (const cache of this.#cross) copy(cache, this.context);
    for (const cache of this.#self) copy(cache, this.#capacity);
  }

  /**
   * Copies new keys and values of a row into its cache.
   * @param fresh [tokens, 2·layers · dim]
   * @param position of the first of the tokens
   */
  append(row: number, fresh: Float32Array, position: number): void {
    const [heads, headDim, caches] = [this.#heads, this.#headDim, this.#self.length];
    const dim = heads * headDim;
    const tokens = fresh.length / (caches * dim);
    this.#reserveRows(row + 1);
    this.#reserveTokens(position + tokens);
    const capacity = this.#capacity;
    for (let cacheIndex = 0; cacheIndex < caches; cacheIndex += 1) {
      const cache = this.#self[cacheIndex] as Float32Array;
      for (let token = 0; token < tokens; token += 1) {
        const from = (token * caches + cacheIndex) * dim;
        for (let head = 0; head < heads; head += 1) {
          const to = ((row * heads + head) * capacity + position + token) * headDim;
          // a plain loop: 64 floats are too few for TypedArray.set to pay off
          for (let i = 0; i < headDim; i += 1) cache[to + i] = fresh[from + head * headDim + i] as number;
        }
      }
    }
  }

  /**
   * The caches of the first `rows` slots, as inputs of the decoder graph, with room for `tokens` tokens each.
   * Valid until the next call of any method.
   */
  feeds(rows: number, tokens: number): Readonly<Record<string, BoundaryTensor>> {
    this.#reserveRows(rows);
    this.#reserveTokens(tokens);
    if (this.#feeds?.rows === rows) return this.#feeds.tensors;
    const view = (cache: Float32Array, length: number) => {
      const shape = [rows, this.#heads, length, this.#headDim];
      return tensor(cache.subarray(0, rows * this.#heads * length * this.#headDim), shape);
    };
    const tensors: Record<string, BoundaryTensor> = {};
    for (let layer = 0; layer < this.#layers; layer += 1) {
      const names = cacheInputNames(layer);
      tensors[names.selfKey] = view(this.#self[2 * layer] as Float32Array, this.#capacity);
      tensors[names.selfValue] = view(this.#self[2 * layer + 1] as Float32Array, this.#capacity);
      tensors[names.crossKey] = view(this.#cross[2 * layer] as Float32Array, this.context);
      tensors[names.crossValue] = view(this.#cross[2 * layer + 1] as Float32Array, this.context);
    }
    this.#feeds = { rows, tensors };
    return tensors;
  }

  /**
   * The keys by which one head finds its way through a row's audio, [context of the pool, headDim]. To read only, and
   * valid until the next call that changes the pool.
   */
  crossKeys(row: number, layer: number, head: number): Float32Array {
    const size = this.context * this.#headDim;
    const from = (row * this.#heads + head) * size;
    return (this.#cross[2 * layer] as Float32Array).subarray(from, from + size);
  }

  /** To be called when no row is left: a long row's capacity would slow the next ones down. */
  shrink(): void {
    const smallest = this.#tokenSteps[0] ?? 0;
    if (this.#capacity <= smallest) return;
    this.#capacity = smallest;
    this.#self = this.#self.map(() => new Float32Array(this.#rows * this.#heads * smallest * this.#headDim));
    this.#feeds = null;
  }

  #emptyCache(): Float32Array[] {
    return Array.from({ length: 2 * this.#layers }, () => new Float32Array(0));
  }

  #reserveRows(rows: number): void {
    if (rows <= this.#rows) return;
    this.#rows = Math.min(this.maxRows, Math.max(rows, 4, this.#rows * 2));
    const grown = (cache: Float32Array, length: number) => {
      const larger = new Float32Array(this.#rows * this.#heads * length * this.#headDim);
      larger.set(cache);
      return larger;
    };
    this.#cross = this.#cross.map((cache) => grown(cache, this.context));
    this.#self = this.#self.map((cache) => grown(cache, this.#capacity));
    this.#feeds = null;
  }

  #reserveTokens(tokens: number): void {
    if (tokens <= this.#capacity) return;
    const capacity = this.#tokenSteps.find((step) => step >= tokens);
    if (capacity === undefined) throw new FloraAsrError('shape_mismatch', `${tokens} tokens exceed the decoder's positions.`);
    const [before, segments] = [this.#capacity * this.#headDim, this.#rows * this.#heads];
    this.#self = this.#self.map((cache) => {
      const larger = new Float32Array(segments * capacity * this.#headDim);
      for (let segment = 0; segment < segments; segment += 1) {
        larger.set(cache.subarray(segment * before, (segment + 1) * before), segment * capacity * this.#headDim);
      }
      return larger;
    });
    this.#capacity = capacity;
    this.#feeds = null;
  }
}
