import type { Engine } from '../engine/engine.ts';
import type { RowGate } from '../engine/row-gate.ts';
import type { VoiceSignal } from '../voice-activity/voice-detector.ts';
import { ChannelListener } from './channel-listener.ts';
import { ChannelPartials } from './channel-partials.ts';
import { ChannelRows, toMs, unheardRow } from './channel-rows.ts';
import type { Endpointing } from './endpointing.ts';
import type { LanguageChoice } from './language-choice.ts';
import type { PartialSettings } from './partial-settings.ts';
import type { Bias, RowRequest, RowSettings } from './row-settings.ts';
import type { EndedUtterance, SpeechEvent } from './speech-event.ts';
import { SpokenLanguage } from './spoken-language.ts';
import type { Cut, Utterance } from './utterance-cutter.ts';

export interface SpeechChannelOptions {
  readonly engine: Pick<Engine, 'recognise' | 'detectLanguage'>;
  readonly rows: RowGate;
  /** monotonic milliseconds */
  readonly clock: () => number;
  /** null without endpointing */
  readonly voice: VoiceSignal | null;
  /** its number in the stream */
  readonly channel: number;
  readonly streamId: string;
  readonly sampleRateHz: number;
  readonly endpointing: Endpointing;
  readonly urgency: 'live' | 'file';
  readonly language: LanguageChoice;
  readonly request: RowRequest;
  readonly partials: PartialSettings | null;
  readonly signal: AbortSignal;
  readonly onEvent: (event: SpeechEvent) => void;
  readonly onUtteranceEnded: (utterance: EndedUtterance) => void;
  /** Less waits for this service. */
  readonly onProgress: () => void;
  /** The voice detector failed; nothing more is heard. @returns what is told of audio that was not heard */
  readonly onFailed: (cause: unknown) => Error;
}

/** One channel of a stream: what hears it, what recognises it, and how that is asked for now. */
export class SpeechChannel {
  readonly #options: SpeechChannelOptions;
  readonly #listener: ChannelListener;
  readonly #rows: ChannelRows;
  readonly #partials: ChannelPartials | null;
  /** changed at its place among the audio */
  #settings: RowSettings;

  constructor(options: SpeechChannelOptions) {
    const { voice, sampleRateHz, endpointing } = options;
    this.#options = options;
    this.#settings = this.#settingsFor(options.language, options.request);
    this.#rows = new ChannelRows({ ...options, showsWords: options.partials !== null, onSettled: () => this.#progress() });
    this.#listener = new ChannelListener({
      sampleRateHz,
      endpointing,
      voice,
      onCuts: (cuts) => this.#takeCuts(cuts),
      onFailed: (cause, startSample, endSample) => {
        this.#partials?.close();
        this.#rows.fail(options.onFailed(cause), { startSample, endSample });
        this.#progress();
      },
    });
    this.#partials = options.partials && this.#openPartials(options.partials);
  }

  /** Audio that is not judged yet. */
  get unheardMs(): number {
    return this.#listener.unheardMs;
  }

  /** Audio that is not judged yet, or in an utterance that has ended and has no event yet. */
  get backlogMs(): number {
    return this.#listener.unheardMs + this.#rows.pendingMs;
  }

  /** Utterances that have ended and had no event yet. */
  get pendingUtterances(): number {
    return this.#rows.utterances;
  }

  /** What begins before this has had its event. */
  get settledMs(): number {
    return toMs(Math.min(this.#listener.undecidedFrom, this.#rows.pendingFrom));
  }

  /** @param samples finite, at the stream's rate; kept until they are heard */
  push(samples: Float32Array): void {
    this.#listener.push(samples);
  }

  /** Of what is pushed from now on; an adapter that is not named is that of the language. */
  setLanguage(language: LanguageChoice, adapter: string | null | undefined): void {
    const apply = () => {
      const { adapter: _before, ...request } = this.#settings.request;
      this.#settings = this.#settingsFor(language, { ...request, ...(adapter !== undefined && { adapter }) });
    };
    this.#listener.change({ ofLanguage: true, apply });
  }

  /** Of utterances that end in what is pushed from now on. */
  setBias(bias: Bias): void {
    const apply = () => {
      const { language, request } = this.#settings;
      this.#settings = { language, request: { ...request, ...bias } };
    };
    this.#listener.change({ ofLanguage: false, apply });
  }

  /** Ends the utterance that is open. Resolves when it is known; its event is still to come. */
  async end(by: 'flush' | 'finish'): Promise<void> {
    await this.#listener.end(by);
  }

  /** Resolves when every utterance so far has had its event. */
  async settled(): Promise<void> {
    await this.#rows.settled();
  }

  /** Nothing more is heard. Rows leave the batch by the channel's signal. */
  close(): void {
    this.#listener.close();
    this.#partials?.close();
  }

  #openPartials(settings: PartialSettings): ChannelPartials {
    return new ChannelPartials({
      ...this.#options,
      settings,
      listener: this.#listener,
      rowSettings: () => this.#settings,
      isAnswering: () => this.#rows.utterances > 0,
    });
  }

  #settingsFor(language: LanguageChoice, request: RowRequest): RowSettings {
    const { engine, rows, urgency, signal } = this.#options;
    const spoken = new SpokenLanguage(language, async (samples, among) =>
      rows.pass(() => engine.detectLanguage({ samples, among, signal }), { urgency, signal }),
    );
    return { language: spoken, request };
  }

  #takeCuts(cuts: readonly Cut[]): void {
    const { channel, onEvent } = this.#options;
    for (const cut of cuts) {
      if (cut.kind === 'speech') onEvent({ kind: 'speech-started', channel, startMs: toMs(cut.atSample) });
      else this.#takeUtterance(cut.utterance);
    }
    this.#progress();
  }

  #takeUtterance(utterance: Utterance): void {
    const { startSample, endSample, endedBy } = utterance;
    this.#rows.add(utterance, this.#partials?.end(this.#settings) ?? unheardRow(this.#settings));
    this.#options.onUtteranceEnded({
      channel: this.#options.channel,
      startMs: toMs(startSample),
      endMs: toMs(endSample),
      endedBy,
    });
  }

  /**
   * The row of an utterance whose silence is kept in full already is begun before the pause is long enough to end it. If
   * speech goes on, it was for nothing; if not, the final is there at the endpoint or soon after. Not so for a file, which
   * is all there, and only pauses at the ends of pieces.
   */
  #anticipate(): void {
    const { open } = this.#listener;
    if (open === null || !open.settled || this.#options.urgency !== 'live') return this.#rows.stop();
    const settings = this.#settings;
    if (this.#rows.hasBegun(open, settings)) return;
    const row = this.#partials?.settle(settings) ?? unheardRow(settings);
    // what is spoken is found out of the whole utterance
    if (settings.language.known === null && row.language === null) return;
    const samples = this.#listener.samplesOf(open);
    void this.#rows.begin(open, samples, row).then((said) => {
      if (said !== null) this.#partials?.show({ ...said, samples, endSample: open.endSample });
    });
  }

  #progress(): void {
    this.#anticipate();
    this.#partials?.consider();
    this.#options.onProgress();
  }
}
