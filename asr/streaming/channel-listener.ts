import { setImmediate as otherWork } from 'node:timers/promises';
import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import { createResampler, type Resampler } from '../audio/resample.ts';
import { type VoiceSignal, WINDOW_SAMPLES } from '../voice-activity/voice-detector.ts';
import type { OpenRange, OpenUtteranceRange } from './endpointer.ts';
import type { Endpointing } from './endpointing.ts';
import { type Cut, UtteranceCutter } from './utterance-cutter.ts';

export interface ListenerOptions {
  readonly sampleRateHz: number;
  readonly endpointing: Endpointing;
  /** null without endpointing */
  readonly voice: VoiceSignal | null;
  /** Called whenever more was judged, though nothing was cut. */
  readonly onCuts: (cuts: readonly Cut[]) => void;
  /** The detector failed, and nothing more is heard; `fromSample` to `toSample` (16 kHz) will be in no utterance. */
  readonly onFailed: (error: unknown, fromSample: number, toSample: number) => void;
}

/** What waits its turn: audio at the stream's rate, the wish to end the utterance that is open, or a change from here on. */
type Waiting = Float32Array | Ending | Change;

interface Ending {
  readonly by: 'flush' | 'finish';
  readonly done: () => void;
}

/** What follows is treated in another way. */
export interface Change {
  /** The utterance that is open ends, and nothing of what was received is in the next one. */
  readonly ofLanguage: boolean;
  readonly apply: () => void;
}

/** Resampled and judged at once, before other work has its turn: some milliseconds. */
const PIECE_MS = 1_000;

/** Hears one channel: resamples it, asks the detector, and cuts it, one piece after the other. */
export class ChannelListener {
  readonly #options: ListenerOptions;
  #resampler: Resampler;
  readonly #cutter: UtteranceCutter;
  readonly #pieceSamples: number;
  #waiting: Waiting[] = [];
  #listening = false;
  #closed = false;
  /** at the stream's rate; of them were resampled */
  #receivedSamples = 0;
  #heardSamples = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#resampler = createResampler(options.sampleRateHz, SAMPLE_RATE_HZ);
    this.#cutter = new UtteranceCutter(options.endpointing);
    this.#pieceSamples = Math.ceil((options.sampleRateHz * PIECE_MS) / 1000);
  }

  /** Audio that was received, and of which it is not known yet whether it is speech. */
  get unheardMs(): number {
    if (this.#closed) return 0;
    const receivedMs = (1000 * this.#receivedSamples) / this.#options.sampleRateHz;
    return Math.max(0, receivedMs - (1000 * this.#cutter.judgedSamples) / SAMPLE_RATE_HZ);
  }

  /** Where the audio begins that may still be in an utterance to come, at 16 kHz; infinite, if none comes any more. */
  get undecidedFrom(): number {
    return this.#closed ? Infinity : this.#cutter.undecidedFrom;
  }

  /** The utterance that is open, as it would be if it ended with what has been judged; null: none is. */
  get open(): OpenUtteranceRange | null {
    return this.#closed ? null : this.#cutter.open;
  }

  /** @returns samples of the utterance that is open, at 16 kHz; memory of its own */
  samplesOf(range: OpenRange): Float32Array {
    return this.#cutter.samplesOf(range);
  }

  /** Ends the utterance that is open within its speech, if the place is there. */
  cutAt(sample: number): void {
    this.#tell(this.#cutter.cutAt(sample));
  }

  /** @param samples finite, at the stream's rate; kept until they are heard */
  push(samples: Float32Array): void {
    if (this.#closed || samples.length === 0) return;
    this.#receivedSamples += samples.length;
    this.#waiting.push(samples);
    this.#start();
  }

  /** Ends the utterance that is open. Resolves once all cuts of what came before were told, or nothing more is heard. */
  async end(by: 'flush' | 'finish'): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((done) => {
      this.#waiting.push({ by, done });
      this.#start();
    });
  }

  /** Applied once all cuts of what was pushed before were told; never, if nothing more is heard. */
  change(change: Change): void {
    if (this.#closed) return;
    this.#waiting.push(change);
    this.#start();
  }

  /** Nothing more is told. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.voice?.close();
    for (const waiting of this.#waiting.splice(0)) if (isEnding(waiting)) waiting.done();
  }

  #start(): void {
    if (this.#listening) return;
    this.#listening = true;
    void this.#listen();
  }

  async #listen(): Promise<void> {
    // a turn for others first: whoever pushes many pieces at once has them heard together
    await otherWork();
    for (let next = this.#next(); next !== null; next = this.#next()) {
      try {
        await this.#take(next);
      } catch (error) {
        this.#fail(error);
      }
      if (isEnding(next)) next.done();
      await otherWork();
    }
    this.#listening = false;
  }

  async #take(waiting: Waiting): Promise<void> {
    if (waiting instanceof Float32Array) await this.#resample(waiting);
    else if (isEnding(waiting)) await this.#end(waiting.by);
    else await this.#change(waiting);
  }

  /** The audio at the head, up to a piece; or what stands there instead. */
  #next(): Waiting | null {
    const [head] = this.#waiting;
    if (head === undefined) return null;
    if (!(head instanceof Float32Array)) return this.#waiting.shift() ?? null;
    const piece = new Float32Array(this.#waitingSamples());
    let filled = 0;
    for (let next = this.#waiting[0]; next instanceof Float32Array && filled < piece.length; next = this.#waiting[0]) {
      const taken = next.subarray(0, piece.length - filled);
      piece.set(taken, filled);
      filled += taken.length;
      if (taken.length === next.length) this.#waiting.shift();
      else this.#waiting[0] = next.subarray(taken.length);
    }
    return piece;
  }

  /** Of the audio at the head, as far as it makes a piece. */
  #waitingSamples(): number {
    let samples = 0;
    for (const waiting of this.#waiting) {
      if (!(waiting instanceof Float32Array) || samples >= this.#pieceSamples) break;
      samples += waiting.length;
    }
    return Math.min(samples, this.#pieceSamples);
  }

  async #resample(samples: Float32Array): Promise<void> {
    this.#heardSamples += samples.length;
    await this.#hear(this.#resampler.push(samples));
  }

  async #hear(samples: Float32Array, judged: Float32Array = samples): Promise<void> {
    const probabilities = (await this.#options.voice?.push(judged)) ?? new Float32Array(0);
    if (this.#closed) return;
    this.#tell(this.#cutter.push(samples, probabilities));
  }

  async #end(by: 'flush' | 'finish'): Promise<void> {
    if (by === 'flush') return this.#tell(this.#cutter.end('flush'));
    const tail = this.#resampler.end();
    // the last samples are judged too: silence fills their window up
    const missing = WINDOW_SAMPLES - ((this.#cutter.receivedSamples + tail.length) % WINDOW_SAMPLES);
    const filled = new Float32Array(tail.length + (missing === WINDOW_SAMPLES ? 0 : missing));
    filled.set(tail);
    await this.#hear(tail, filled);
    if (this.#closed) return;
    this.#tell(this.#cutter.end('finish'));
    this.close();
  }

  async #change({ ofLanguage, apply }: Change): Promise<void> {
    if (ofLanguage) await this.#endLanguage();
    if (!this.#closed) apply();
  }

  /** To the sample: what the resampler holds back belongs to this side, and what it rounds up to does not shift the other. */
  async #endLanguage(): Promise<void> {
    const missing = Math.max(0, this.#at16kHz(this.#heardSamples) - this.#cutter.receivedSamples);
    await this.#hear(this.#resampler.end().subarray(0, missing));
    this.#resampler = createResampler(this.#options.sampleRateHz, SAMPLE_RATE_HZ);
    this.#tell(this.#cutter.end('language'));
  }

  #tell(cuts: readonly Cut[]): void {
    if (!this.#closed) this.#options.onCuts(cuts);
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    const received = this.#at16kHz(this.#receivedSamples);
    const from = this.#cutter.undecidedFrom;
    this.close();
    this.#options.onFailed(error, from, received);
  }

  #at16kHz(samples: number): number {
    return Math.round((SAMPLE_RATE_HZ * samples) / this.#options.sampleRateHz);
  }
}

function isEnding(waiting: Waiting): waiting is Ending {
  return 'by' in waiting;
}
