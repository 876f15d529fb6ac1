import { FloraAsrError } from '../../kernels/errors.ts';
import type { BoundaryTensor } from '../../kernels/session.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { cacheInputNames } from '../whisper/decoder-graph.ts';
import { crossOutputNames } from '../whisper/encoder-graph.ts';
import { RowCaches } from './row-caches.ts';

/** Room for tokens in the self-attention cache. It grows in steps, because its whole capacity is read at each step. */
const TOKEN_STEPS = [32, 64, 128, 256, 448];
/** Room for the audio's keys and values is a multiple of this, for the same reason. */
const CONTEXT_STEP = 64;
/** Room that is so many times what the rows need is given up; less is not worth moving them together. */
const ROOMY = 2;

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

/** What the rows of a step need. */
export interface StepRoom {
  /** up to the last one that is fed */
  readonly rows: number;
  /** up to the last one that is taken, and keeps what it has; as many as are fed if left out */
  readonly taken?: number;
  /** of the row that has most, the new one included */
  readonly tokens: number;
  /** of the longest row */
  readonly context: number;
}

/**
 * The caches of the rows that decode side by side. Their attention is computed over as much context as the longest of
 * them needs, and not much more.
 *
 * Invariants: a row's cross-attention keys and values lie at [0, its context) of its slot; what lies
 * beyond is 0 and masked by the row's length. Its self-attention cache holds its tokens at
 * [0, position). The arrays are fed to onnxruntime without a copy, so nothing writes them during a run.
 */
export class DecodePool {
  /** the longest that fits */
  readonly context: number;
  readonly maxRows: number;
  readonly #heads: number;
  readonly #headDim: number;
  readonly #layers: number;
  readonly #tokenSteps: readonly number[];
  /** layer by layer key then value */
  readonly #cross: RowCaches;
  /** layer by layer key then value */
  readonly #self: RowCaches;
  #feeds: Fed | null = null;

  constructor(config: WhisperConfig, pool: { readonly context: number; readonly slots: number }) {
    this.context = pool.context;
    this.maxRows = pool.slots;
    this.#heads = config.heads;
    this.#headDim = config.dim / config.heads;
    this.#layers = config.decoderLayers;
    this.#tokenSteps = [...TOKEN_STEPS.filter((step) => step < config.maxTokens), config.maxTokens];
    const shape = { count: 2 * this.#layers, heads: this.#heads, headDim: this.#headDim, maxRows: this.maxRows };
    this.#cross = new RowCaches({ ...shape, maxCapacity: this.context }, this.#contextRoom(1));
    this.#self = new RowCaches({ ...shape, maxCapacity: config.maxTokens }, this.#tokenRoom(1));
  }

  /**
   * Takes the memory of all rows now, if they have half of the longest context: most are shorter. Else it is taken with the
   * first crowd, whenever that comes, and a service that has run for hours seems to leak.
   */
  reserve(): void {
    this.#cross.reserve(Math.ceil(this.context / 2));
  }

  /** Copies a freshly encoded row into its slot. */
  join(row: number, encoded: EncodedRow): void {
    if (encoded.context > this.context || row >= this.maxRows) {
      throw new FloraAsrError(
        'shape_mismatch',
        `Row ${row} with context ${encoded.context} does not fit a pool of ${this.maxRows} × ${this.context}.`,
      );
    }
    this.#cross.use(row);
    this.#cross.resize(Math.max(this.#cross.capacity, this.#contextRoom(encoded.context)));
    const { batchIndex, paddedContext, context } = encoded;
    for (let layer = 0; layer < this.#layers; layer += 1) {
      const names = crossOutputNames(layer);
      for (const [offset, name] of [names.key, names.value].entries()) {
        const source = encoded.outputs[name];
        if (source === undefined) throw new FloraAsrError('shape_mismatch', `No output ${name}.`);
        for (let head = 0; head < this.#heads; head += 1) {
          const from = (batchIndex * this.#heads + head) * paddedContext * this.#headDim;
          const target = this.#cross.segment(2 * layer + offset, row, head);
          target.set(source.subarray(from, from + context * this.#headDim));
          // masked, but a NaN that another row left there would come through: 0 · NaN is NaN
          target.fill(0, context * this.#headDim);
        }
      }
    }
  }

  /** Copies everything a row has to another slot, over what is there. */
  move(from: number, to: number): void {
    this.#cross.copyRow(from, to);
    this.fork(from, to);
  }

  /** Copies a row's tokens to another slot, which has the same audio. */
  fork(from: number, to: number): void {
    this.#self.copyRow(from, to);
  }

  /**
   * Copies new keys and values of a row into its cache.
   * @param fresh [tokens, 2·layers · dim]
   * @param position of the first of the tokens
   */
  append(row: number, fresh: Float32Array, position: number): void {
    const [heads, headDim, caches] = [this.#heads, this.#headDim, 2 * this.#layers];
    const dim = heads * headDim;
    const tokens = fresh.length / (caches * dim);
    this.#self.use(row);
    this.#reserveTokens(position + tokens);
    const { capacity } = this.#self;
    for (let cacheIndex = 0; cacheIndex < caches; cacheIndex += 1) {
      const cache = this.#self.array(cacheIndex);
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
   * The caches of the first rows, as inputs of the decoder graph, with room for what they need: behind those that are taken
   * no others are there.
   * Valid until the next call of any method.
   */
  feeds({ rows, taken = rows, tokens, context }: StepRoom): Readonly<Record<string, BoundaryTensor>> {
    for (const caches of [this.#cross, this.#self]) caches.freeFrom(taken);
    const room = this.#contextRoom(context);
    if (room > this.#cross.capacity || ROOMY * room <= this.#cross.capacity) this.#cross.resize(room);
    this.#reserveTokens(tokens);
    const [cross, self] = [this.#cross.tensors(rows), this.#self.tensors(rows)];
    if (this.#feeds?.cross !== cross || this.#feeds.self !== self) {
      const named = Array.from({ length: this.#layers }, (_, layer) => {
        const names = cacheInputNames(layer);
        const [key, value] = [2 * layer, 2 * layer + 1];
        return [
          [names.selfKey, self[key]],
          [names.selfValue, self[value]],
          [names.crossKey, cross[key]],
          [names.crossValue, cross[value]],
        ] as const;
      });
      this.#feeds = { cross, self, tensors: Object.fromEntries(named.flat()) as Fed['tensors'] };
    }
    return this.#feeds.tensors;
  }

  /**
   * The keys by which one head finds its way through a row's audio, [context of the row or more, headDim]. To read only,
   * and valid until the next call that changes the pool.
   */
  crossKeys(row: number, layer: number, head: number): Float32Array {
    return this.#cross.segment(2 * layer, row, head);
  }

  /** To be called when no row is left: the room of a long row would slow the next ones down. */
  shrink(): void {
    for (const caches of [this.#cross, this.#self]) caches.freeFrom(0);
    this.#cross.resize(this.#contextRoom(1));
    this.#self.resize(this.#tokenRoom(1));
  }

  #reserveTokens(tokens: number): void {
    if (tokens > this.#self.capacity) this.#self.resize(this.#tokenRoom(tokens));
  }

  #tokenRoom(tokens: number): number {
    const room = this.#tokenSteps.find((step) => step >= tokens);
    if (room === undefined) throw new FloraAsrError('shape_mismatch', `${tokens} tokens exceed the decoder's positions.`);
    return room;
  }

  #contextRoom(context: number): number {
    return Math.min(CONTEXT_STEP * Math.ceil(context / CONTEXT_STEP), this.context);
  }
}

/** Named tensors, and what they were made of. */
interface Fed {
  readonly cross: readonly BoundaryTensor[];
  readonly self: readonly BoundaryTensor[];
  readonly tensors: Readonly<Record<string, BoundaryTensor>>;
}
