import { setMaxListeners } from 'node:events';
import { FloraAsrError } from '../../kernels/errors.ts';
import { requireFinite } from '../audio/require-finite.ts';
import { type BeamSizes, DEFAULT_BEAM_SIZES } from '../engine/beam-sizes.ts';
import type { Engine } from '../engine/engine.ts';
import type { RecognitionRequest } from '../engine/recognition.ts';
import type { RowGate } from '../engine/row-gate.ts';
import type { VoiceDetector } from '../voice-activity/voice-detector.ts';
import type { Endpointing } from './endpointing.ts';
import type { LanguageChoice } from './language-choice.ts';
import type { PartialSettings } from './partial-settings.ts';
import { type Bias, type RowRequest, rowRequest } from './row-settings.ts';
import { SpeechChannel } from './speech-channel.ts';
import type { EndedUtterance, SpeechEvent } from './speech-event.ts';

/** What recognises; shared by all streams. */
export interface SpeechRecognition {
  readonly engine: Pick<Engine, 'recognise' | 'detectLanguage'>;
  /** may be null where no stream has endpointing */
  readonly voice: VoiceDetector | null;
  readonly rows: RowGate;
  /** as usual, if left out */
  readonly beamSizes?: BeamSizes;
  /** monotonic milliseconds */
  readonly clock: () => number;
}

/** What a stream may change in its midst. */
export interface SpeechLanguage extends Pick<RecognitionRequest, 'adapter'> {
  readonly language: LanguageChoice;
}

export interface SpeechStreamOptions extends SpeechLanguage, Omit<RowRequest, 'beamSize'> {
  /** null, or left out: words come with their utterance's end only */
  readonly partials?: PartialSettings | null;
  readonly recognition: SpeechRecognition;
  readonly sampleRateHz: number;
  /** each is recognised by itself */
  readonly channels: number;
  readonly endpointing: Endpointing;
  readonly urgency: 'live' | 'file';
  /** Must not throw. A stream that has been cancelled tells nothing more. */
  readonly onEvent: (event: SpeechEvent) => void;
  /** An utterance has ended; its final, or what it failed of, comes later. */
  readonly onUtteranceEnded?: (utterance: EndedUtterance) => void;
  /** Called whenever `backlogMs` has fallen. */
  readonly onProgress?: () => void;
}

let streamCount = 0;

/**
 * One stream of audio, as it comes: its utterances, their words, in their order.
 *
 * Invariants: every utterance that is opened ends in one final or failed event, unless the stream is cancelled. Without
 * partials, what is told of the audio, but for how long it took, does not depend on how it was cut into pieces, nor on
 * when they came; with them, a final begins with whatever was told to be stable.
 */
export class SpeechStream {
  readonly #options: SpeechStreamOptions;
  readonly #channels: readonly SpeechChannel[];
  readonly #cancelling = new AbortController();
  #receivedSamples = 0;
  #failure: FloraAsrError | null = null;
  #finished: Promise<void> | null = null;

  /** @throws FloraAsrError `argument_invalid`: the sample rate, or endpointing without a detector */
  constructor(options: SpeechStreamOptions) {
    this.#options = options;
    setMaxListeners(0, this.#cancelling.signal);
    streamCount += 1;
    const name = `speech ${streamCount}`;
    this.#channels = Array.from({ length: options.channels }, (_, channel) =>
      this.#openChannel(channel, `${name}, ${channel}`),
    );
  }

  /** Audio that was received on one channel. */
  get receivedMs(): number {
    return (1000 * this.#receivedSamples) / this.#options.sampleRateHz;
  }

  /** Audio that the detector has not judged yet, on the channel that has the most of it. */
  get unheardMs(): number {
    return Math.max(...this.#channels.map(({ unheardMs }) => unheardMs));
  }

  /** Utterances that have ended and had no event yet, on all channels. */
  get pendingUtterances(): number {
    return this.#channels.reduce((sum, { pendingUtterances }) => sum + pendingUtterances, 0);
  }

  /** What begins before this, on whichever channel, has had its event. */
  get settledMs(): number {
    return Math.min(...this.#channels.map(({ settledMs }) => settledMs));
  }

  /**
   * Audio that waits for this service, on the channel that has the most of it: not judged yet, or in an utterance that
   * has ended and has no event yet. An utterance that is still being spoken waits for its speaker, and does not count.
   */
  get backlogMs(): number {
    return Math.max(...this.#channels.map(({ backlogMs }) => backlogMs));
  }

  /**
   * Takes audio, all of it or none.
   * @param channels one array for each channel, all of one length, at the stream's rate; copied
   * @throws FloraAsrError `audio_not_finite`, `audio_after_finish`, `engine_failed` after the detector has failed,
   *   `cancelled`, `argument_invalid`
   */
  push(channels: readonly Float32Array[]): void {
    this.#requireOpen('Audio');
    this.#requireFrames(channels);
    for (const samples of channels) requireFinite(samples);
    this.#receivedSamples += channels[0]?.length ?? 0;
    for (const [index, channel] of this.#channels.entries()) channel.push((channels[index] as Float32Array).slice());
  }

  /**
   * What is pushed from now on is in this language, to the sample; what was pushed before is not, and utterances that are
   * open end here.
   * @throws FloraAsrError `audio_after_finish`, `engine_failed`, `cancelled`
   */
  setLanguage({ language, adapter }: SpeechLanguage): void {
    this.#requireOpen('A change of language');
    for (const channel of this.#channels) channel.setLanguage(language, adapter);
  }

  /**
   * Holds for utterances that end in what is pushed from now on; what is left out stays as it is.
   * @throws FloraAsrError `audio_after_finish`, `engine_failed`, `cancelled`
   */
  setBias(bias: Bias): void {
    this.#requireOpen('A change of prompt or words');
    for (const channel of this.#channels) channel.setBias(bias);
  }

  /**
   * Ends the utterances that are open. Resolves when they, and those before them, have had their events.
   * @param channel left out, of all
   */
  async flush(channel?: number): Promise<void> {
    const wanted = this.#channels.filter((_, index) => channel === undefined || index === channel);
    await (this.#finished ?? this.#end('flush', wanted));
  }

  /**
   * The same, but resolves when it is known which utterances they are; their events are still to come. Behind `finish`,
   * they are the last.
   */
  async endUtterances(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.end('flush')));
  }

  /** No more audio comes. Resolves when every event was told. */
  async finish(): Promise<void> {
    this.#finished ??= this.#end('finish', this.#channels);
    await this.#finished;
  }

  /** Nothing more is told; rows leave the batch, and whoever waits for `flush` or `finish` goes on. */
  cancel(): void {
    this.#cancelling.abort();
    for (const channel of this.#channels) channel.close();
  }

  #openChannel(channel: number, streamId: string): SpeechChannel {
    const { recognition, sampleRateHz, endpointing, urgency, language, partials = null } = this.#options;
    const { engine, rows, beamSizes = DEFAULT_BEAM_SIZES, clock } = recognition;
    return new SpeechChannel({
      engine,
      rows,
      clock,
      voice: endpointing === 'off' ? null : this.#openVoice(),
      channel,
      streamId,
      sampleRateHz,
      endpointing,
      urgency,
      language,
      request: rowRequest({ ...this.#options, beamSize: beamSizes[urgency] }),
      partials,
      signal: this.#cancelling.signal,
      onEvent: (event) => this.#unlessCancelled(() => this.#options.onEvent(event)),
      onUtteranceEnded: (utterance) => this.#unlessCancelled(() => this.#options.onUtteranceEnded?.(utterance)),
      onProgress: () => this.#unlessCancelled(() => this.#options.onProgress?.()),
      onFailed: (cause) => this.#fail(cause),
    });
  }

  #openVoice() {
    const { voice } = this.#options.recognition;
    if (voice !== null) return voice.open();
    throw new FloraAsrError('argument_invalid', 'Endpointing needs a voice detector.', { param: 'endpointing' });
  }

  #requireOpen(what: string): void {
    if (this.#cancelling.signal.aborted) throw new FloraAsrError('cancelled', 'The stream was cancelled.');
    if (this.#finished !== null) throw new FloraAsrError('audio_after_finish', `${what} came after the end of the stream.`);
    if (this.#failure !== null) throw this.#failure;
  }

  #requireFrames(channels: readonly Float32Array[]): void {
    const lengths = channels.map((samples) => samples.length);
    if (channels.length === this.#channels.length && new Set(lengths).size <= 1) return;
    const expected = `${this.#channels.length} channels of one length`;
    throw new FloraAsrError('argument_invalid', `The stream has ${expected}, but got samples for [${lengths.join(', ')}].`);
  }

  async #end(by: 'flush' | 'finish', channels: readonly SpeechChannel[]): Promise<void> {
    await Promise.all(
      channels.map(async (channel) => {
        await channel.end(by);
        await channel.settled();
      }),
    );
  }

  #fail(cause: unknown): FloraAsrError {
    this.#failure ??= new FloraAsrError('engine_failed', 'The voice detector failed; the stream hears no more.', { cause });
    return this.#failure;
  }

  #unlessCancelled(tell: () => void): void {
    if (!this.#cancelling.signal.aborted) tell();
  }
}
