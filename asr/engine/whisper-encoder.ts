import type { RowFactors } from '../../adapters/row-factors.ts';
import { floats, type GraphSession, tensor } from '../../kernels/session.ts';
import type { MelFrames } from '../features/mel-frames.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { encoderFeeds } from '../whisper/encoder-feeds.ts';
import { crossOutputNames } from '../whisper/encoder-graph.ts';
import type { EncodedRow } from './decode-pool.ts';

/** An utterance ready for the encoder. */
export interface EncoderRow {
  /** exactly 2 · context frames */
  readonly mel: MelFrames;
  readonly adapterSlot: number;
}

export interface EncoderGraph {
  readonly session: GraphSession;
  /** the rows' adapters */
  readonly factors: RowFactors;
}

/** Runs Whisper's encoder over batches; knows tensors, not scheduling. */
export class WhisperEncoder {
  readonly #config: WhisperConfig;
  readonly #graph: EncoderGraph;
  readonly #outputs: readonly string[];

  constructor(config: WhisperConfig, graph: EncoderGraph) {
    this.#config = config;
    this.#graph = graph;
    this.#outputs = Array.from({ length: config.decoderLayers }, (_, layer) => Object.values(crossOutputNames(layer))).flat();
  }

  get mels(): number {
    return this.#config.mels;
  }

  /**
   * Encodes a batch, padded with mel 0.0 to its longest row, and with a frame of 0.0 at each end.
   * @returns one entry per row, all sharing the batch's output arrays
   */
  async encode(rows: readonly EncoderRow[]): Promise<readonly EncodedRow[]> {
    const { feeds, contexts, paddedContext } = encoderFeeds(
      rows.map((row) => row.mel),
      this.#config.mels,
    );
    const fetched = await this.#graph.session.run(
      {
        ...this.#graph.factors.feeds(rows.map((row) => row.adapterSlot)),
        ...feeds,
        lengths: tensor(Int32Array.from(contexts), [contexts.length]),
      },
      this.#outputs,
    );
    const outputs = Object.fromEntries(Object.entries(fetched).map(([name, value]) => [name, floats(value)]));
    return contexts.map((context, batchIndex) => ({ outputs, batchIndex, paddedContext, context }));
  }

  async close(): Promise<void> {
    await this.#graph.session.close();
  }
}
