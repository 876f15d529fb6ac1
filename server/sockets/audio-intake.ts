import { createSampleDecoder, type SampleDecoder, type SampleEncoding } from '../../asr/audio/sample-encodings.ts';
import type { SpeechLanguage, SpeechStream } from '../../asr/streaming/speech-stream.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { exceedsBacklog, keepsReading } from './backpressure.ts';

/** How a stream's samples come. */
export interface AudioFormat {
  readonly encoding: SampleEncoding;
  readonly channels: number;
  readonly sampleRateHz: number;
}

export interface IntakeLimits {
  /** of audio that waits to be recognised, until no more is read */
  readonly bufferMs: number;
  /** of audio in the stream */
  readonly longestMs: number;
}

/** Far more than anybody speaks in phrases that have no words yet. */
const MOST_FLUSHES = 64;

/** Takes a stream's binary messages, within its limits; each is accepted whole, or not at all. */
export class AudioIntake {
  readonly #speech: SpeechStream;
  readonly #decoder: SampleDecoder;
  readonly #sampleRateHz: number;
  readonly #limits: IntakeLimits;
  #receivedSamples = 0;
  /** that have not been answered yet */
  #flushes = 0;

  constructor(speech: SpeechStream, { encoding, channels, sampleRateHz }: AudioFormat, limits: IntakeLimits) {
    this.#speech = speech;
    this.#decoder = createSampleDecoder({ encoding, channels });
    this.#sampleRateHz = sampleRateHz;
    this.#limits = limits;
  }

  /** Of one channel, that were accepted. */
  get receivedSamples(): number {
    return this.#receivedSamples;
  }

  /** Audio that was accepted, on one channel. */
  get receivedMs(): number {
    return this.#speech.receivedMs;
  }

  /**
   * @throws FloraAsrError `audio_malformed`, `audio_not_finite`, `stream_too_long`, `backlog_exceeded`; `engine_failed`
   *   if the voice detector has failed before
   */
  take(bytes: Uint8Array): void {
    this.takeSamples(this.#decoder.push(bytes));
  }

  /**
   * The same, of samples that were decoded already.
   * @param channels those of the stream, at its rate
   * @throws FloraAsrError as `take`
   */
  takeSamples(channels: readonly Float32Array[]): void {
    this.#requireRoom((1000 * (channels[0]?.length ?? 0)) / this.#sampleRateHz);
    this.#speech.push(channels);
    this.#receivedSamples += channels[0]?.length ?? 0;
  }

  /** @param reading whether more was read until now */
  keepsReading(reading: boolean): boolean {
    // they have no length that would count as backlog, but each is kept until it is answered
    if (this.#flushes > (reading ? MOST_FLUSHES : MOST_FLUSHES / 2)) return false;
    return keepsReading(reading, { backlogMs: this.#speech.backlogMs, bufferMs: this.#limits.bufferMs });
  }

  /** What comes from now on is in another language. */
  setLanguage(language: SpeechLanguage): void {
    this.#speech.setLanguage(language);
  }

  /**
   * Ends the utterance that is open. Resolves when it has had its event.
   * @param channel left out, of all
   */
  async flush(channel?: number): Promise<void> {
    this.#flushes += 1;
    try {
      await this.#speech.flush(channel);
    } finally {
      this.#flushes -= 1;
    }
  }

  /** Resolves when all that was accepted has had its events. */
  async finish(): Promise<void> {
    await this.#speech.finish();
  }

  /** Nothing is wanted any more. */
  cancel(): void {
    this.#speech.cancel();
  }

  #requireRoom(addedMs: number): void {
    const { bufferMs, longestMs } = this.#limits;
    const { backlogMs } = this.#speech;
    if (this.receivedMs + addedMs > longestMs) {
      const longest = `A stream may have ${longestMs / 1000} s of audio (MAX_STREAM_SECONDS); go on in another one.`;
      throw new FloraAsrError('stream_too_long', longest);
    }
    if (!exceedsBacklog(addedMs, { backlogMs, bufferMs })) return;
    const waits = `${seconds(backlogMs)} s of audio wait to be recognised, and this message has ${seconds(addedMs)} s more`;
    const most = `${(2 * bufferMs) / 1000} s may wait (twice STREAM_BUFFER_SECONDS)`;
    throw new FloraAsrError('backlog_exceeded', `${waits}, but ${most}; send shorter messages.`);
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
