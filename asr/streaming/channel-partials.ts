import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import type { Engine } from '../engine/engine.ts';
import type { RecognitionResult } from '../engine/recognition.ts';
import type { RowGate } from '../engine/row-gate.ts';
import type { ChannelListener } from './channel-listener.ts';
import { toMs, type UtteranceRow, unheardRow } from './channel-rows.ts';
import type { OpenRange } from './endpointer.ts';
import { wordCut } from './long-utterance.ts';
import { createPartialPolicy, DEFAULT_POLICY, type PartialPolicy } from './partial-policy.ts';
import type { PartialSettings } from './partial-settings.ts';
import type { RowSettings } from './row-settings.ts';
import { draftOf, NOTHING_SHOWN, type ShownText, showResult, stableText, wordsFor } from './shown-text.ts';
import type { SpeechEvent } from './speech-event.ts';
import { LISTENED_SAMPLES } from './spoken-language.ts';

export interface ChannelPartialsOptions {
  readonly engine: Pick<Engine, 'recognise'>;
  readonly rows: RowGate;
  readonly channel: number;
  readonly settings: PartialSettings;
  readonly listener: Pick<ChannelListener, 'open' | 'samplesOf' | 'cutAt'>;
  /** how the channel's rows are asked for now */
  readonly rowSettings: () => RowSettings;
  /** whether utterances that have ended have no event yet: theirs come before those of the one that is open */
  readonly isAnswering: () => boolean;
  readonly onEvent: (event: SpeechEvent) => void;
}

/** The utterance that is open, as far as it was heard. */
interface OpenUtterance {
  readonly startSample: number;
  /** of the row that is under way */
  stopping: AbortController;
  heardTo: number;
  /** new audio that the next row waits for, at least */
  pauseSamples: number;
  /** null: not asked for; it is asked for once */
  language: Promise<string> | null;
  /** null: not found yet */
  foundLanguage: string | null;
  shown: ShownText;
}

/** A row's time, from when it was asked for, is so much of the time to the next one at most. */
const LARGEST_SHARE = 1 / 2;

/** A row, and what it was asked. */
export interface Heard {
  readonly result: RecognitionResult;
  readonly language: string;
  readonly samples: Float32Array;
  readonly endSample: number;
}

/**
 * What the open utterance of one channel says so far: recognised again and again as it grows, one row after the other,
 * and the longer a row takes, the later the next one: under load there are fewer of them.
 *
 * Invariants: a partial is told while its utterance is open and those before it have had their events. Its stable text
 * is the prefix of every later row of the utterance, the final's too.
 */
export class ChannelPartials {
  readonly #options: ChannelPartialsOptions;
  readonly #policy: PartialPolicy;
  readonly #cadenceSamples: number;
  readonly #firstSamples: number;
  #utterance: OpenUtterance | null = null;
  #hearing = false;
  #closed = false;

  constructor(options: ChannelPartialsOptions) {
    const { cadenceMs, firstMs = 0, policy = DEFAULT_POLICY } = options.settings;
    this.#options = options;
    this.#policy = createPartialPolicy(policy);
    this.#cadenceSamples = Math.max(1, (cadenceMs * SAMPLE_RATE_HZ) / 1000);
    this.#firstSamples = Math.max(this.#cadenceSamples, (firstMs * SAMPLE_RATE_HZ) / 1000);
  }

  /** There may be more to hear, or time for it. */
  consider(): void {
    const open = this.#closed ? null : this.#options.listener.open;
    if (open === null || open.settled || this.#hearing || this.#options.isAnswering()) return;
    this.#utterance ??= openUtterance(open.startSample, this.#firstSamples);
    const utterance = this.#utterance;
    if (open.endSample - utterance.heardTo < utterance.pauseSamples) return;
    const language = this.#options.rowSettings().language.known ?? utterance.foundLanguage;
    if (language !== null) void this.#hear(utterance, language);
    else if (utterance.language === null) this.#findLanguage(utterance, open);
  }

  /** An utterance has ended: what its final is to begin with. Nothing more is told of it. */
  end(settings: RowSettings): UtteranceRow {
    const utterance = this.#utterance;
    this.#utterance = null;
    if (utterance === null) return unheardRow(settings);
    utterance.stopping.abort();
    return rowOf(utterance, settings);
  }

  /**
   * The utterance ends here unless speech goes on, and its own row is begun: what that is to begin with. The row under
   * way would say less, and is stopped.
   */
  settle(settings: RowSettings): UtteranceRow {
    const utterance = this.#utterance;
    if (utterance === null) return unheardRow(settings);
    utterance.stopping.abort();
    utterance.stopping = new AbortController();
    return rowOf(utterance, settings);
  }

  /** What the row says that was begun then: so much can be shown already. */
  show(heard: Heard): void {
    if (this.#utterance === null || this.#options.isAnswering()) return;
    this.#utterance.heardTo = heard.endSample;
    this.#take(this.#utterance, heard);
  }

  /** Nothing more is told. */
  close(): void {
    this.#closed = true;
    this.#utterance?.stopping.abort();
    this.#utterance = null;
  }

  /** Once there is enough of it; if it ends before, its final's row does. */
  #findLanguage(utterance: OpenUtterance, { startSample, endSample }: OpenRange): void {
    if (endSample - startSample < LISTENED_SAMPLES) return;
    const samples = this.#options.listener.samplesOf({ startSample, endSample: startSample + LISTENED_SAMPLES });
    utterance.language = this.#options.rowSettings().language.of(samples);
    const found = (language: string) => {
      utterance.foundLanguage = language;
      this.consider();
    };
    utterance.language.then(found, () => undefined); // the final's row fails with it
  }

  async #hear(utterance: OpenUtterance, language: string): Promise<void> {
    const { signal } = utterance.stopping;
    this.#hearing = true;
    try {
      const urgency = utterance.shown === NOTHING_SHOWN ? 'firstPartial' : 'partial';
      const heard = await this.#options.rows.pass(() => this.#recognise(utterance, language), { urgency, signal });
      const restSamples = (heard.result.timings.totalMs / LARGEST_SHARE / 1000) * SAMPLE_RATE_HZ;
      utterance.pauseSamples = Math.max(this.#cadenceSamples, restSamples);
      if (!signal.aborted) this.#take(utterance, heard);
    } catch {
      // nobody is owed a partial: if what failed lasts, the final says so
    }
    this.#hearing = false;
    this.consider();
  }

  /** Of all that was heard by now, however long the row has waited. */
  async #recognise(utterance: OpenUtterance, language: string): Promise<Heard> {
    const { engine, listener, rowSettings } = this.#options;
    const range = listener.open;
    if (range === null) throw new RangeError('An utterance that has ended is heard no more.');
    utterance.heardTo = range.endSample;
    const samples = listener.samplesOf(range);
    const { tokens: prefix } = utterance.shown.stable;
    const draft = draftOf(utterance.shown);
    const result = await engine.recognise({
      ...rowSettings().request,
      language,
      samples,
      words: true,
      beamSize: 1,
      deferrable: true,
      signal: utterance.stopping.signal,
      ...(prefix.length > 0 && { prefix }),
      ...(draft.length > 0 && { draft }),
    });
    return { result, language, samples, endSample: range.endSample };
  }

  #take(utterance: OpenUtterance, { result, language, samples, endSample }: Heard): void {
    const before = utterance.shown;
    const shown = showResult(before, result, { heardMs: toMs(samples.length), policy: this.#policy });
    if (shown === before) return;
    const words = shown.hypothesis?.words ?? [];
    const stable = { told: wordsFor(words, before.stable.tokens.length), now: wordsFor(words, shown.stable.tokens.length) };
    const cut = wordCut({ samples, words, stable });
    if (cut !== null) {
      const stable = stableText(result, cut.words);
      utterance.shown = { ...shown, stable, said: stable.tokens };
      return this.#options.listener.cutAt(utterance.startSample + cut.sample);
    }
    utterance.shown = shown;
    if (shown.text === before.text && shown.stable.text === before.stable.text) return;
    const { channel } = this.#options;
    const times = { startMs: toMs(utterance.startSample), endMs: toMs(endSample) };
    const visible = { text: shown.text, stableLength: shown.stable.text.length, words: shown.words };
    this.#options.onEvent({ kind: 'partial', channel, ...times, language, ...visible });
  }
}

function rowOf({ language, shown }: OpenUtterance, settings: RowSettings): UtteranceRow {
  return { settings, language, stable: shown.stable, draft: draftOf(shown) };
}

function openUtterance(startSample: number, pauseSamples: number): OpenUtterance {
  return {
    startSample,
    stopping: new AbortController(),
    heardTo: startSample,
    pauseSamples,
    language: null,
    foundLanguage: null,
    shown: NOTHING_SHOWN,
  };
}
