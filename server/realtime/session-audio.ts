import { isDeepStrictEqual } from 'node:util';
import { createSampleDecoder } from '../../asr/audio/sample-encodings.ts';
import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { SpeechStream } from '../../asr/streaming/speech-stream.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Recogniser } from '../recogniser.ts';
import { exceedsBacklog, keepsReading } from '../sockets/backpressure.ts';
import type { ItemChain } from './item-chain.ts';
import type { LogProb, ServerEvent } from './server-events.ts';
import type { SpeechSettings } from './speech-settings.ts';
import { SHORTEST_COMMIT_MS, Turns } from './turns.ts';

export interface SessionAudioOptions {
  readonly settings: SpeechSettings;
  readonly recogniser: Recogniser;
  readonly items: ItemChain;
  readonly limits: {
    /** of audio that waits to be recognised, until no more is read */
    readonly bufferMs: number;
    /** of audio in the session */
    readonly longestMs: number;
  };
  readonly logProbsOf: (result: RecognitionResult) => readonly LogProb[] | null;
  readonly onEvents: (events: readonly ServerEvent[]) => void;
  /** The first audio comes. */
  readonly onFirst: () => void;
  /** What speech tells, before it is told to the client. */
  readonly onSpeech: (event: SpeechEvent) => void;
  /** less waits to be recognised */
  readonly onProgress: () => void;
}

/** A stream of speech, and where it begins in the session's audio. */
interface Part {
  readonly speech: SpeechStream;
  readonly turns: Turns;
  readonly offsetMs: number;
}

/**
 * The audio of a session: one stream of speech, or several, one behind the other, where its configuration changes in
 * what a stream cannot change.
 *
 * Invariant: only the last part takes audio; those before it have only transcripts to wait for.
 */
export class SessionAudio {
  readonly #options: SessionAudioOptions;
  readonly #parts = new Set<Part>();
  #settings: SpeechSettings;
  /** null: no audio has come since it changed */
  #current: Part | null = null;
  #receivedMs = 0;

  constructor(options: SessionAudioOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  get settings(): SpeechSettings {
    return this.#settings;
  }

  /** Audio that was accepted. */
  get receivedMs(): number {
    return this.#receivedMs + (this.#current?.speech.receivedMs ?? 0);
  }

  get #backlogMs(): number {
    return [...this.#parts].reduce((sum, { speech }) => sum + speech.backlogMs, 0);
  }

  /** Whether there is room for so much more. */
  fits(addedMs: number): boolean {
    return !exceedsBacklog(addedMs, { backlogMs: this.#backlogMs, bufferMs: this.#options.limits.bufferMs });
  }

  /** @param reading whether more was read until now */
  keepsReading(reading: boolean): boolean {
    return keepsReading(reading, { backlogMs: this.#backlogMs, bufferMs: this.#options.limits.bufferMs });
  }

  /**
   * @param bytes whole samples
   * @throws FloraAsrError `stream_too_long`; `engine_failed` if the voice detector has failed before; those of opening
   *   a stream of speech
   */
  push(bytes: Uint8Array): void {
    const { encoding, channels, sampleRateHz } = this.#settings.format;
    const samples = createSampleDecoder({ encoding, channels }).push(bytes);
    const { longestMs } = this.#options.limits;
    if (this.receivedMs + (1000 * (samples[0]?.length ?? 0)) / sampleRateHz > longestMs) {
      const longest = `A session may have ${longestMs / 1000} s of audio (MAX_STREAM_SECONDS); go on in another one.`;
      throw new FloraAsrError('stream_too_long', longest);
    }
    if (this.receivedMs === 0 && this.#current === null) this.#options.onFirst();
    this.#current ??= this.#open();
    this.#current.speech.push(samples);
  }

  /** What comes from here on is heard with these settings. Resolves when nothing more begins in what came before. */
  async configure(settings: SpeechSettings): Promise<void> {
    const before = this.#settings;
    const part = this.#current;
    this.#settings = settings;
    if (part === null) return;
    if (!isDeepStrictEqual(streamOf(before), streamOf(settings))) return this.#endPart(part);
    if (!isDeepStrictEqual(before.language, settings.language)) part.speech.setLanguage(settings.language);
    // left out, a stream would keep what it had
    if (!isDeepStrictEqual(before.bias, settings.bias)) part.speech.setBias({ prompt: '', hotWords: [], ...settings.bias });
  }

  /**
   * Makes an item of what is not in one yet. Resolves when it is told.
   * @throws FloraAsrError `input_audio_buffer_commit_empty`; the session goes on
   */
  async commit(): Promise<void> {
    const part = this.#current;
    if (part === null || part.turns.bufferedMs(part.speech.receivedMs) < SHORTEST_COMMIT_MS) throw this.#tooLittle(part);
    const atMs = part.speech.receivedMs;
    await part.speech.endUtterances();
    const events = part.turns.commit(atMs);
    if (events === null) throw this.#tooLittle(part);
    this.#options.onEvents(events);
  }

  /** Forgets what is in no item yet. */
  clear(): void {
    const part = this.#current;
    if (part === null) return;
    part.turns.clear();
    this.#leave(part);
    void this.#finish(part);
  }

  /** Resolves when all that was accepted has had its events. */
  async finish(): Promise<void> {
    if (this.#current !== null) await this.#endPart(this.#current);
    await Promise.all([...this.#parts].map(async ({ speech }) => speech.finish()));
  }

  /** Nothing is wanted any more. */
  cancel(): void {
    for (const { speech } of this.#parts) speech.cancel();
  }

  #open(): Part {
    const { format, endpointing, partials, language, bias } = this.#settings;
    const { recogniser, items, logProbsOf, onProgress } = this.#options;
    const offsetMs = this.#receivedMs;
    const voice = endpointing === 'off' ? null : endpointing;
    const turns = new Turns({ voice, offsetMs, items, logProbsOf });
    const speech = new SpeechStream({
      ...language,
      ...bias,
      recognition: recogniser,
      sampleRateHz: format.sampleRateHz,
      channels: format.channels,
      endpointing,
      partials,
      urgency: 'live',
      onEvent: (event) => this.#take(part, event),
      onUtteranceEnded: (utterance) => this.#options.onEvents(turns.utteranceEnded(utterance)),
      onProgress,
    });
    const part = { speech, turns, offsetMs };
    this.#parts.add(part);
    return part;
  }

  #take(part: Part, event: SpeechEvent): void {
    this.#options.onSpeech(event);
    this.#options.onEvents(toldBy(part.turns, event));
    if (this.#current !== part && part.turns.forgets) part.speech.cancel();
  }

  /** Its audio ends here, and with it the turn that is open. */
  async #endPart(part: Part): Promise<void> {
    const atMs = part.speech.receivedMs;
    this.#leave(part);
    void this.#finish(part);
    await part.speech.endUtterances();
    this.#options.onEvents(part.turns.end(atMs));
    if (part.turns.forgets) part.speech.cancel();
  }

  #leave(part: Part): void {
    this.#receivedMs += part.speech.receivedMs;
    this.#current = null;
  }

  async #finish(part: Part): Promise<void> {
    if (part.turns.forgets) part.speech.cancel();
    await part.speech.finish();
    this.#parts.delete(part);
    this.#options.onProgress();
  }

  #tooLittle(part: Part | null): FloraAsrError {
    const bufferedMs = part === null ? 0 : part.turns.bufferedMs(part.speech.receivedMs);
    return new FloraAsrError(
      'input_audio_buffer_commit_empty',
      `A commit needs ${SHORTEST_COMMIT_MS} ms of audio at least, but the buffer has ${bufferedMs.toFixed(2)} ms; ` +
        'a pause may have committed the rest already.',
    );
  }
}

/** What cannot change within a stream of speech. */
function streamOf({ format, endpointing, partials }: SpeechSettings): object {
  return { format, endpointing, partials };
}

function toldBy(turns: Turns, event: SpeechEvent): readonly ServerEvent[] {
  switch (event.kind) {
    case 'speech-started':
      return turns.speechStarted(event.startMs);
    case 'partial':
      return turns.partial(event);
    case 'final':
      return turns.final(event);
    case 'failed':
      return turns.failed(event);
  }
}
