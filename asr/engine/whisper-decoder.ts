import type { RowFactors } from '../../adapters/row-factors.ts';
import { type Feeds, floats, type GraphSession, integers, tensor } from '../../kernels/session.ts';
import type { TokenId, WhisperConfig } from '../whisper/config.ts';
import type { DecodePool, EncodedRow } from './decode-pool.ts';
import { type DecoderLayout, type DecoderRun, layOut, readRun } from './decoder-layout.ts';
import type { FedRow, RowAnswers, Wishes } from './fed-row.ts';
import { MaskTable } from './mask-table.ts';
import { alikeRanges, openingCaches } from './opening-caches.ts';

/** Of a step: entry i belongs to slot i; behind the last one that was fed there is none. */
export interface StepOutputs {
  readonly rows: readonly (RowAnswers | null)[];
  /** in the decoder's graph, and copying into the cache */
  readonly runMs: number;
  readonly appendMs: number;
}

/** Of a row's opening. */
export interface OpenedRow extends RowAnswers {
  /** [tokens, 2·layers · dim], for the cache */
  readonly keysValues: Float32Array;
}

export interface DecoderGraph {
  readonly session: GraphSession;
  /** the rows' adapters */
  readonly factors: RowFactors;
  /** [kinds, vocab]: what may be generated, by mask kind */
  readonly masks: readonly Float32Array[];
}

interface RunInputs {
  readonly rows: readonly FedRow[];
  readonly caches: Feeds;
  readonly wishes: Wishes;
}

const OUTPUTS = ['next_tokens', 'next_log_probs', 'no_speech_log_prob', 'new_keys_values'] as const;

/**
 * Tokens of an opening, at least. onnxruntime multiplies a single row of a matrix in another order than several, and so a
 * row that opens with one token would depend on how far its neighbours fill it up.
 */
const LEAST_OPENED = 2;

/** Fed where there is no row. */
const NO_ROW: FedRow = {
  tokens: [0 as TokenId],
  position: 0,
  adapterSlot: 0,
  context: 1,
  asked: [{ index: 0, maskKind: 0, ownMask: null, given: null }],
};

/** Runs Whisper's decoder over batches; knows tensors, not scheduling. */
export class WhisperDecoder {
  readonly #config: WhisperConfig;
  readonly #graph: DecoderGraph;
  readonly #masks: MaskTable;

  constructor(config: WhisperConfig, graph: DecoderGraph) {
    this.#config = config;
    this.#graph = graph;
    this.#masks = new MaskTable(graph.masks, config.vocab);
  }

  /** By mask kind; to read only. */
  get masks(): readonly Float32Array[] {
    return this.#masks.kinds;
  }

  /**
   * Feeds freshly encoded rows all tokens that they are sure to begin with.
   * @param encoded of one batch, from its first row on
   * @param rows those that stand beside each other and have about as many tokens run together
   */
  async open(encoded: readonly EncodedRow[], rows: readonly FedRow[], wishes: Wishes): Promise<readonly OpenedRow[]> {
    const opened: OpenedRow[] = [];
    for (const { from, to } of alikeRanges(rows.map(({ tokens }) => tokens.length))) {
      const group = rows.slice(from, to);
      const tokens = Math.max(LEAST_OPENED, ...group.map((row) => row.tokens.length));
      const caches = openingCaches(encoded, { config: this.#config, from, to, tokens });
      const { answers, keysValues } = await this.#run(layOut(group, tokens), { rows: group, caches, wishes });
      opened.push(...answers.map((row, index) => ({ ...row, keysValues: keysValues(index) })));
    }
    return opened;
  }

  /** Feeds every row its token, and updates the pool's cache. @param rows by slot; null where there is none */
  async step(pool: DecodePool, rows: readonly (FedRow | null)[], wishes: Wishes): Promise<StepOutputs> {
    const present = rows.filter((row) => row !== null);
    // the last places may be those of hypotheses that were dropped, but whose row may have as many again
    const feeding = rows.slice(0, rows.findLastIndex((row) => row !== null) + 1);
    const caches = pool.feeds({
      rows: feeding.length,
      taken: rows.length,
      tokens: Math.max(...present.map(({ position }) => position)) + 1,
      context: Math.max(...present.map(({ context }) => context)),
    });
    const begun = performance.now();
    const fed = feeding.map((row) => row ?? NO_ROW);
    const { answers, keysValues } = await this.#run(layOut(fed, 1), { rows: fed, caches, wishes });
    const computed = performance.now();
    for (const [slot, row] of feeding.entries()) {
      if (row !== null) pool.append(slot, keysValues(slot), row.position);
    }
    const appendMs = performance.now() - computed;
    return { rows: answers.map((row, slot) => (feeding[slot] === null ? null : row)), runMs: computed - begun, appendMs };
  }

  async #run(layout: DecoderLayout, { rows, caches, wishes }: RunInputs): Promise<DecoderRun> {
    const fetched = await this.#graph.session.run(
      {
        ...this.#graph.factors.feeds(rows.map((row) => row.adapterSlot)),
        ...caches,
        ...layout.feeds,
        ...this.#masks.feeds(layout.asked),
        choices: tensor(BigInt64Array.of(BigInt(wishes.choices)), [1]),
      },
      [
        ...OUTPUTS,
        ...(wishes.queries ? (['alignment_queries'] as const) : []),
        ...(wishes.languages ? (['language_log_probs'] as const) : []),
      ],
    );
    return readRun(rows, layout, {
      nextTokens: integers(fetched.next_tokens),
      nextLogProbs: floats(fetched.next_log_probs),
      noSpeechLogProbs: floats(fetched.no_speech_log_prob),
      keysValues: floats(fetched.new_keys_values),
      queries: wishes.queries ? floats(fetched.alignment_queries) : null,
      languageLogProbs: wishes.languages ? floats(fetched.language_log_probs) : null,
    });
  }

  async close(): Promise<void> {
    await this.#graph.session.close();
  }
}
