import { mixDown } from '../../asr/audio/channels.ts';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { createSampleDecoder, type SampleDecoder } from '../../asr/audio/sample-encodings.ts';
import { StreamDecoder } from '../../asr/audio/stream-decoder.ts';
import type { SpeechStream } from '../../asr/streaming/speech-stream.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { AudioIntake, type IntakeLimits } from '../sockets/audio-intake.ts';
import type { RawAudio } from './listen-query.ts';

export interface ListenIntakeOptions {
  readonly speech: SpeechStream;
  /** null: compressed, in a container */
  readonly raw: RawAudio | null;
  /** of `speech`: 1 where those of the audio are mixed */
  readonly channels: number;
  /** whether each channel is recognised by itself */
  readonly apart: boolean;
  readonly limits: IntakeLimits;
  /** names the ffmpeg to run */
  readonly env: NodeJS.ProcessEnv;
  /** More may be taken than before. */
  readonly onRoom: () => void;
  /** What was taken is no audio, or too much. Nothing is taken any more. */
  readonly onFailed: (error: unknown) => void;
}

/** Takes a stream's binary messages, whatever is in them: a message may end in the midst of a sample, as Deepgram allows. */
export interface ListenIntake {
  /** Audio that was accepted, on one channel. */
  readonly receivedMs: number;
  /** @throws FloraAsrError as `AudioIntake.take` */
  take(bytes: Buffer): void;
  /** @param reading whether more was read until now */
  keepsReading(reading: boolean): boolean;
  /** Less waits to be recognised than before. */
  progressed(): void;
  /**
   * Ends the utterances that are open. Resolves when they have had their events.
   * @param channel left out, of all
   */
  flush(channel?: number): Promise<void>;
  /** Resolves when all that was accepted has had its events. */
  finish(): Promise<void>;
  /** Nothing is wanted any more. */
  cancel(): void;
}

export function createListenIntake(options: ListenIntakeOptions): ListenIntake {
  return options.raw === null ? new CompressedIntake(options) : new RawIntake(options, options.raw);
}

class RawIntake implements ListenIntake {
  readonly #intake: AudioIntake;
  readonly #decoder: SampleDecoder;
  readonly #apart: boolean;
  /** less than a frame */
  #rest: Buffer = Buffer.alloc(0);

  constructor({ speech, apart, channels, limits }: ListenIntakeOptions, raw: RawAudio) {
    this.#intake = new AudioIntake(speech, { ...raw, channels }, limits);
    this.#decoder = createSampleDecoder(raw);
    this.#apart = apart;
  }

  get receivedMs(): number {
    return this.#intake.receivedMs;
  }

  take(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole = all.length - (all.length % this.#decoder.bytesPerFrame);
    const channels = this.#decoder.push(all.subarray(0, whole));
    this.#intake.takeSamples(this.#apart ? channels : [mixDown(channels)]);
    this.#rest = Buffer.from(all.subarray(whole));
  }

  keepsReading(reading: boolean): boolean {
    return this.#intake.keepsReading(reading);
  }

  progressed(): void {
    // nothing waits but what the session holds back
  }

  async flush(channel?: number): Promise<void> {
    await this.#intake.flush(channel);
  }

  async finish(): Promise<void> {
    await this.#intake.finish();
  }

  cancel(): void {
    this.#intake.cancel();
  }
}

/** What is decoded may lag behind what was taken, by what a page of its container holds. */
class CompressedIntake implements ListenIntake {
  readonly #options: ListenIntakeOptions;
  readonly #intake: AudioIntake;
  readonly #decoder: StreamDecoder;
  #held = false;

  constructor(options: ListenIntakeOptions) {
    const { speech, channels, limits, env, onRoom, onFailed } = options;
    this.#options = options;
    this.#intake = new AudioIntake(speech, { encoding: 'pcm_f32le', channels, sampleRateHz: SAMPLE_RATE_HZ }, limits);
    this.#decoder = new StreamDecoder({ env, onSamples: (samples) => this.#takeSamples(samples), onRoom, onFailed });
  }

  get receivedMs(): number {
    return this.#intake.receivedMs;
  }

  take(bytes: Buffer): void {
    this.#decoder.push(bytes);
  }

  keepsReading(reading: boolean): boolean {
    return this.#intake.keepsReading(reading) && !this.#decoder.full;
  }

  progressed(): void {
    if (!this.#held || !this.#intake.keepsReading(false)) return;
    this.#held = false;
    this.#decoder.release();
  }

  async flush(channel?: number): Promise<void> {
    await this.#intake.flush(channel);
  }

  async finish(): Promise<void> {
    await this.#decoder.end();
    await this.#intake.finish();
  }

  cancel(): void {
    this.#decoder.close();
    this.#intake.cancel();
  }

  #takeSamples(channels: readonly Float32Array[]): void {
    try {
      this.#intake.takeSamples(this.#options.apart ? this.#requireChannels(channels) : [mixDown(channels)]);
    } catch (error) {
      this.#decoder.close();
      this.#options.onFailed(error);
      return;
    }
    if (this.#held || this.#intake.keepsReading(true)) return;
    this.#held = true;
    this.#decoder.hold();
  }

  /** @throws FloraAsrError `audio_malformed` */
  #requireChannels(channels: readonly Float32Array[]): readonly Float32Array[] {
    const { channels: expected } = this.#options;
    if (channels.length === expected) return channels;
    const message = `The audio has ${channels.length} channels; with multichannel=true, channels must say so, and says ${expected}.`;
    throw new FloraAsrError('audio_malformed', message, { param: 'channels' });
  }
}
