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
  /** in place of its kind's, for a row that has a mask of its own, [vocab]; copied */
  readonly ownMasks?: readonly (Float32Array | null)[];
  /** whether to give out `alignmentQueries`, and `languageLogProbs` */
  readonly withQueries?: boolean;
  readonly withLanguages?: boolean;
}

/** Entry i belongs to slot i. */
export interface StepOutputs {
  readonly nextTokens: Int32Array;
  readonly nextLogProbs: Float32Array;
  /** of meaning only at start-of-transcript, as those of languages */
  readonly noSpeechLogProbs: Float32Array;
  /** [rows, languages], in the order of the configuration; null if nobody asked */
  readonly languageLogProbs: Float32Array | null;
  /** [rows, alignmentHeads, headDim], in `alignmentOrder`; null if nobody asked */
  readonly alignmentQueries: Float32Array | null;
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
  /** [kinds + own masks, vocab]; grows with the most rows that have had masks of their own in one step */
  #masks: Float32Array;

  constructor(config: WhisperConfig, sessions: WhisperSessions) {
    this.#config = config;
    this.#sessions = sessions;
    this.#crossOutputs = Array.from({ length: config.decoderLayers }, (_, layer) =>
      Object.values(crossOutputNames(layer)),
    ).flat();
    this.#masks = new Float32Array(sessions.masks.length * config.vocab);
    for (const [kind, mask] of sessions.masks.entries()) this.#masks.set(mask, kind * config.vocab);
  }

  /** By mask kind; to read only. */
  get masks(): readonly Float32Array[] {
    return this.#sessions.masks;
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
        ...this.#sessions.decoderBank,
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
        ...this.#maskFeeds(inputs),
      },
      [
        ...STEP_OUTPUTS,
        ...(inputs.withQueries ? (['alignment_queries'] as const) : []),
        ...(inputs.withLanguages ? (['language_log_probs'] as const) : []),
      ],
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
      languageLogProbs: inputs.withLanguages ? floats(fetched.language_log_probs) : null,
      alignmentQueries: inputs.withQueries ? floats(fetched.alignment_queries) : null,
      runMs: computed - begun,
      appendMs,
    };
  }

  /** The table of masks, and which of them each row has: that of its kind, or its own, which lie behind those. */
  #maskFeeds({ maskKinds, ownMasks = [] }: StepInputs): Feeds {
    const { vocab } = this.#config;
    const kinds = this.#sessions.masks.length;
    const own = ownMasks.flatMap((mask, place) => (mask === null ? [] : [{ mask, place }]));
    const length = (kinds + own.length) * vocab;
    if (length > this.#masks.length) {
      const larger = new Float32Array(length);
      larger.set(this.#masks);
      this.#masks = larger;
    }
    const chosen = Int32Array.from(maskKinds);
    for (const [index, { mask, place }] of own.entries()) {
      this.#masks.set(mask, (kinds + index) * vocab);
      chosen[place] = kinds + index;
    }
    return {
      masks: tensor(this.#masks.subarray(0, length), [kinds + own.length, vocab]),
      mask_kinds: tensor(chosen, [maskKinds.length, 1]),
    };
  }

  async close(): Promise<void> {
    await this.#sessions.encoder.close();
    await this.#sessions.decoder.close();
  }
}
