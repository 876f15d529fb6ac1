import { FloraAsrError } from '../../kernels/errors.ts';
import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import type { Engine } from '../engine/engine.ts';
import type { RecognitionResult } from '../engine/recognition.ts';
import type { RowGate } from '../engine/row-gate.ts';
import type { TokenId } from '../whisper/config.ts';
import type { OpenRange } from './endpointer.ts';
import type { RowSettings } from './row-settings.ts';
import { NOTHING_STABLE, type StableText } from './shown-text.ts';
import type { SpeechEvent } from './speech-event.ts';
import type { Utterance } from './utterance-cutter.ts';

export interface ChannelRowsOptions {
  readonly engine: Pick<Engine, 'recognise'>;
  readonly rows: RowGate;
  /** monotonic milliseconds */
  readonly clock: () => number;
  readonly channel: number;
  readonly streamId: string;
  readonly urgency: 'live' | 'file';
  /** whether words are shown before their utterance has ended, so that each needs its times */
  readonly showsWords: boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: SpeechEvent) => void;
  /** An utterance less is waiting. */
  readonly onSettled: () => void;
}

/** What is known of an utterance that has ended. */
export interface UtteranceRow {
  readonly settings: RowSettings;
  /** null: it has not been listened to */
  readonly language: Promise<string> | null;
  /** its text begins with this */
  readonly stable: StableText;
  /** it is likely to go on with this */
  readonly draft: readonly TokenId[];
}

interface Recognised {
  readonly result: RecognitionResult;
  readonly language: string;
}

type Outcome = Recognised | { readonly error: unknown };

/** The row of an utterance that may go on yet. */
interface BegunRow {
  readonly range: OpenRange;
  readonly settings: RowSettings;
  readonly outcome: Promise<Outcome>;
  readonly stop: () => void;
}

/**
 * The utterances of one channel in the shared batch: each ends in one event, and these come in their order. A row may be
 * begun while it is still open whether the utterance goes on; if it does not, that row is the utterance's own.
 */
export class ChannelRows {
  readonly #options: ChannelRowsOptions;
  #last: Promise<void> = Promise.resolve();
  #begun: BegunRow | null = null;
  readonly #pending = { starts: [] as number[], samples: 0 };

  constructor(options: ChannelRowsOptions) {
    this.#options = options;
  }

  /** Utterances whose event is still to come. */
  get utterances(): number {
    return this.#pending.starts.length;
  }

  /** Where the first of them begins, at 16 kHz; infinite, if there are none. */
  get pendingFrom(): number {
    return this.#pending.starts[0] ?? Infinity;
  }

  /** Their audio. */
  get pendingMs(): number {
    return (1000 * this.#pending.samples) / SAMPLE_RATE_HZ;
  }

  add(utterance: Utterance, row: UtteranceRow): void {
    const { samples } = utterance;
    const endedAt = this.#options.clock();
    this.#pending.starts.push(utterance.startSample);
    this.#pending.samples += samples.length;
    const recognised = this.#recogniseUtterance(utterance, row);
    this.#inOrder(async () => {
      const outcome = await recognised;
      this.#pending.starts.shift();
      this.#pending.samples -= samples.length;
      this.#options.onEvent(this.#eventOf(utterance, outcome, endedAt));
      this.#options.onSettled();
    });
  }

  /** Whether the row of an utterance that ends there is under way. */
  hasBegun(range: OpenRange, settings: RowSettings): boolean {
    return this.#begun !== null && sameRange(this.#begun.range, range) && this.#begun.settings === settings;
  }

  /**
   * Begins the row of an utterance that ends there unless speech goes on, in place of one that was begun before.
   * @returns what it says, with its words if they are shown; null if it was stopped, or failed
   */
  async begin(range: OpenRange, samples: Float32Array, row: UtteranceRow): Promise<Recognised | null> {
    this.stop();
    const { showsWords, signal } = this.#options;
    const stopping = new AbortController();
    const stop = () => stopping.abort();
    signal.addEventListener('abort', stop);
    const outcome = this.#recognise(samples, row, { signal: stopping.signal, words: showsWords });
    const begun: BegunRow = { range, settings: row.settings, outcome, stop };
    this.#begun = begun;
    const said = await outcome;
    signal.removeEventListener('abort', stop);
    return 'error' in said || this.#begun !== begun ? null : said;
  }

  /** Speech goes on, or nothing more is told: the row that was begun is for nothing. */
  stop(): void {
    this.#begun?.stop();
    this.#begun = null;
  }

  /** Audio that could not be cut into utterances. */
  fail(error: unknown, range: { readonly startSample: number; readonly endSample: number }): void {
    this.#inOrder(async () => this.#options.onEvent(this.#failure(error, range)));
  }

  /** Resolves when every utterance so far has had its event. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #inOrder(step: () => Promise<void>): void {
    this.#last = this.#last.then(step);
  }

  async #recogniseUtterance(utterance: Utterance, row: UtteranceRow): Promise<Outcome> {
    const begun = this.hasBegun(utterance, row.settings) ? this.#begun : null;
    if (begun === null) return this.#recognise(utterance.samples, row, this.#options);
    this.#begun = null;
    const said = await begun.outcome;
    if ('error' in said) return said;
    const { result, language } = said;
    return { language, result: row.settings.request.words === true ? result : { ...result, words: null } };
  }

  async #recognise(
    samples: Float32Array,
    { settings, language: found, stable, draft }: UtteranceRow,
    { signal, words = false }: { readonly signal: AbortSignal; readonly words?: boolean },
  ): Promise<Outcome> {
    const { engine, rows, urgency, streamId } = this.#options;
    const { tokens: prefix } = stable;
    try {
      const language = settings.language.known ?? (await (found ?? settings.language.of(samples)));
      const request = {
        ...settings.request,
        ...(words && { words }),
        ...(prefix.length > 0 && { prefix }),
        ...(draft.length > 0 && { draft }),
        language,
        samples,
        streamId,
        signal,
      };
      const result = await rows.pass(() => engine.recognise(request), { urgency, signal });
      return { result, language };
    } catch (error) {
      return { error };
    }
  }

  #eventOf(utterance: Utterance, outcome: Outcome, endedAt: number): SpeechEvent {
    if ('error' in outcome) return this.#failure(outcome.error, utterance);
    const { channel, clock } = this.#options;
    const { endedBy } = utterance;
    return { kind: 'final', channel, ...timesOf(utterance), endedBy, ...outcome, endToFinalMs: clock() - endedAt };
  }

  #failure(error: unknown, range: { readonly startSample: number; readonly endSample: number }): SpeechEvent {
    return { kind: 'failed', channel: this.#options.channel, ...timesOf(range), error: asOurs(error) };
  }
}

/** Of an utterance of which nothing is known. */
export function unheardRow(settings: RowSettings): UtteranceRow {
  return { settings, language: null, stable: NOTHING_STABLE, draft: [] };
}

export function toMs(samples: number): number {
  return Math.round((1000 * samples) / SAMPLE_RATE_HZ);
}

function sameRange(left: OpenRange, right: OpenRange): boolean {
  return left.startSample === right.startSample && left.endSample === right.endSample;
}

function timesOf({ startSample, endSample }: { readonly startSample: number; readonly endSample: number }) {
  return { startMs: toMs(startSample), endMs: toMs(endSample) };
}

function asOurs(error: unknown): FloraAsrError {
  if (error instanceof FloraAsrError) return error;
  return new FloraAsrError('internal', 'The utterance could not be recognised.', { cause: error });
}
