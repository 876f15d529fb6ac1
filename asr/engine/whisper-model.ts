import { FloraAsrError } from '../../kernels/errors.ts';
import { type Feeds, floats, type GraphSession, tensor } from '../../kernels/session.ts';
import type { MelFrames } from '../features/mel-frames.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { encoderFeeds } from '../whisper/encoder-feeds.ts';
import { crossOutputNames } from '../whisper/encoder-graph.ts';
import type { DecodePool, EncodedRow } from './decode-pool.ts';

/** An utterance ready for the encoder. */
export interface EncoderRow {
  /** exactly 2 · context frames */
  readonly mel: MelFrames;
  readonly adapterSlot: number;
}

/** One decoder step of a pool: entry i belongs to slot i; slots without a row are fed harmless values. */
export interface StepInputs {
  readonly tokens: Int32Array;
  /** −1 where there is no row */
  readonly positions: Int32Array;
  readonly adapterSlots: Int32Array;
  readonly maskKinds: Int32Array;
  /** each row's context */
  readonly contexts: Int32Array;
}

/** Entry i belongs to slot i. */
export interface StepOutputs {
  readonly nextTokens: Int32Array;
  readonly nextLogProbs: Float32Array;
  /** of meaning only where the mask was zeros */
  readonly noSpeechLogProbs: Float32Array;
  /** in the decoder's graph, and copying into the cache */
  readonly runMs: number;
  readonly appendMs: number;
}

export interface WhisperSessions {
  readonly encoder: GraphSession;
  readonly decoder: GraphSession;
  /** the adapters' bank, by graph */
  readonly encoderBank: Feeds;
  readonly decoderBank: Feeds;
  /** [kinds, vocab]: what may be generated, by mask kind */
  readonly masks: readonly Float32Array[];
}

const STEP_OUTPUTS = ['next_token', 'next_log_prob', 'no_speech_log_prob', 'new_keys_values'] as const;

/** Runs Whisper's two graphs over batches; knows tensors, not scheduling. */
export class WhisperModel {
  readonly #config: WhisperConfig;
  readonly #sessions: WhisperSessions;
  readonly #crossOutputs: readonly string[];
  readonly #decoderConstants: Feeds;

  constructor(config: WhisperConfig, sessions: WhisperSessions) {
    this.#config = config;
    this.#sessions = sessions;
    this.#crossOutputs = Array.from({ length: config.decoderLayers }, (_, layer) =>
      Object.values(crossOutputNames(layer)),
    ).flat();
    const masks = new Float32Array(sessions.masks.length * config.vocab);
    for (const [kind, mask] of sessions.masks.entries()) masks.set(mask, kind * config.vocab);
    this.#decoderConstants = { ...sessions.decoderBank, masks: tensor(masks, [sessions.masks.length, config.vocab]) };
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
    const batch = rows.length;
    const fetched = await this.#sessions.encoder.run(
      {
        ...this.#sessions.encoderBank,
        ...feeds,
        lengths: tensor(Int32Array.from(contexts), [batch]),
        slots: tensor(
          Int32Array.from(rows, (row) => row.adapterSlot),
          [batch],
        ),
      },
      this.#crossOutputs,
    );
    const outputs = Object.fromEntries(Object.entries(fetched).map(([name, value]) => [name, floats(value)]));
    return contexts.map((context, batchIndex) => ({ outputs, batchIndex, paddedContext, context }));
  }

  /** Feeds every row its token, updates the pool's cache, and returns each row's next token. */
  async step(pool: DecodePool, inputs: StepInputs): Promise<StepOutputs> {
    const rows = inputs.tokens.length;
    const positions = inputs.positions.map((position) => Math.max(position, 0));
    const tokensNeeded = Math.max(...positions) + 1;
    const column = [rows, 1];
    const feeds = pool.feeds(rows, tokensNeeded);
    const begun = performance.now();
    const fetched = await this.#sessions.decoder.run(
      {
        ...this.#decoderConstants,
        ...feeds,
        tokens: tensor(inputs.tokens, column),
        positions: tensor(positions, column),
        past_lengths: tensor(positions, [rows]),
        total_length: tensor(Int32Array.of(tokensNeeded), []),
        slots: tensor(inputs.adapterSlots, [rows]),
        cross_lengths: tensor(
          inputs.contexts.map((context) => Math.max(context, 1)),
          [rows],
        ),
        mask_kinds: tensor(inputs.maskKinds, column),
      },
      STEP_OUTPUTS,
    );
    const computed = performance.now();
    pool.append(floats(fetched.new_keys_values), inputs.positions);
    const appendMs = performance.now() - computed;
    const nextTokens = fetched.next_token.data;
    if (!(nextTokens instanceof BigInt64Array)) throw new FloraAsrError('shape_mismatch', 'next_token is not i64.');
    return {
      nextTokens: Int32Array.from(nextTokens, Number),
      nextLogProbs: floats(fetched.next_log_prob),
      noSpeechLogProbs: floats(fetched.no_speech_log_prob),
      runMs: computed - begun,
      appendMs,
    };
  }

  async close(): Promise<void> {
    await this.#sessions.encoder.close();
    await this.#sessions.decoder.close();
  }
}
