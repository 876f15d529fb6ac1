import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import { WINDOW_SAMPLES } from '../voice-activity/voice-detector.ts';
import type { EndpointingSettings } from './endpointing.ts';
import type { EndedBy } from './speech-event.ts';

/** What is decided of one channel; places are samples at 16 kHz from its start. */
export type Endpoint =
  /** an utterance is open now; its speech begins here */
  | { readonly kind: 'speech'; readonly atSample: number }
  /** the utterance that was open, from `startSample` to before `endSample` */
  | { readonly kind: 'utterance'; readonly startSample: number; readonly endSample: number; readonly endedBy: EndedBy };

/**
 * Tells where one channel's utterances begin and end: in order, apart from each other, none longer than 30 s. What it
 * tells does not depend on how the channel is cut into pieces.
 */
export interface Endpointer {
  /**
   * @param received samples of the channel so far
   * @param probabilities of speech, of the windows that were completed since the last call
   */
  advance(received: number, probabilities: Float32Array): readonly Endpoint[];
  /** Ends the utterance that is open, if one is. More may follow; behind a change of language, none of what was received. */
  end(received: number, endedBy: EndedByRequest): readonly Endpoint[];
  /**
   * Ends the utterance that is open, at a place within its speech; what follows is open still, and no speech starts.
   * Nothing, if there is no such place.
   */
  cutAt(sample: number): readonly Endpoint[];
  /** The utterance that is open, as it would be if it ended here; null: none is. */
  open(received: number): OpenUtteranceRange | null;
  /** Samples before this one belong to no utterance that is still to come. */
  readonly neededFrom: number;
}

/** What ends an utterance wherever it is. */
export type EndedByRequest = Extract<EndedBy, 'flush' | 'finish' | 'language'>;

/** Samples at 16 kHz, from the start of the channel. */
export interface OpenRange {
  readonly startSample: number;
  readonly endSample: number;
}

export interface OpenUtteranceRange extends OpenRange {
  /** it ends there, unless speech goes on: more silence adds nothing to it, and half of the pause that ends it is over */
  readonly settled: boolean;
}

/** Where a signal is best cut, between two places in it. */
export type CutPlace = (fromSample: number, toSample: number) => number;

/** Whisper's window. */
export const LONGEST_UTTERANCE_SAMPLES = 30 * SAMPLE_RATE_HZ;
/** An utterance that would become longer is cut between these, counted from its start; so 2 s or more are left. */
const EARLIEST_CUT_SAMPLES = 20 * SAMPLE_RATE_HZ;
const LATEST_CUT_SAMPLES = 28 * SAMPLE_RATE_HZ;

/**
 * Speech of less than 64 ms opens no utterance: one window alone is easily a noise. More would cost words and hardly
 * save noise: of 200 ms cut out of a word and put into silence, Silero hears two windows or more in 85 %, three in 78 %;
 * of 300 knocks, in 7 and in 5. Recordings of whole phrases have seven at least.
 */
const SHORTEST_SPEECH_WINDOWS = 2;
/** Speech goes on while it is this little less probable than what it began with; as Silero does. */
const HYSTERESIS = 0.15;
const LOWEST_THRESHOLD = 0.01;

/** The cut in an utterance that has become too long. */
export function forcedCut(startSample: number, cutPlace: CutPlace): number {
  return cutPlace(startSample + EARLIEST_CUT_SAMPLES, startSample + LATEST_CUT_SAMPLES);
}

/** Utterances end at pauses. */
export function createVoiceEndpointer(settings: EndpointingSettings, cutPlace: CutPlace): Endpointer {
  return new VoiceEndpointer(settings, cutPlace);
}

class VoiceEndpointer implements Endpointer {
  readonly #threshold: number;
  readonly #silenceSamples: number;
  readonly #prefixSamples: number;
  /** kept after speech: no more than is known to be silent when the utterance ends */
  readonly #suffixSamples: number;
  /** silence after which an utterance is settled */
  readonly #settledSamples: number;
  readonly #cutPlace: CutPlace;
  /** where the next window starts */
  #windowStart = 0;
  #speaking = false;
  /** where the unbroken speech of the last windows began, and how many they are */
  #run = { startSample: 0, windows: 0 };
  /** null: no utterance is open */
  #open: { startSample: number; speechEnd: number } | null = null;
  #previousEnd = 0;
  /** the last change of language: no speech starts before it */
  #anewFrom = 0;

  constructor({ silenceMs, prefixMs, threshold }: EndpointingSettings, cutPlace: CutPlace) {
    this.#threshold = threshold;
    this.#silenceSamples = toSamples(silenceMs);
    this.#prefixSamples = toSamples(prefixMs);
    this.#suffixSamples = toSamples(Math.min(prefixMs, silenceMs));
    this.#settledSamples = Math.max(this.#suffixSamples, this.#silenceSamples / 2);
    this.#cutPlace = cutPlace;
  }

  get neededFrom(): number {
    if (this.#open !== null) return this.#open.startSample;
    return this.#startFor(this.#run.windows > 0 ? this.#run.startSample : this.#windowStart);
  }

  advance(received: number, probabilities: Float32Array): readonly Endpoint[] {
    const endpoints: Endpoint[] = [];
    for (const probability of probabilities) {
      // the last window of a channel may be filled up behind its end
      this.#hear(probability, Math.min(this.#windowStart + WINDOW_SAMPLES, received), endpoints);
      this.#windowStart += WINDOW_SAMPLES;
    }
    return endpoints;
  }

  end(received: number, endedBy: EndedByRequest): readonly Endpoint[] {
    const endpoints = this.#open === null ? [] : [this.#close(this.#open, received, endedBy)];
    if (endedBy === 'language') this.#startAnew(received);
    return endpoints;
  }

  cutAt(sample: number): readonly Endpoint[] {
    if (this.#open === null || sample <= this.#open.startSample || sample >= this.#open.speechEnd) return [];
    return [this.#endPart(this.#open, sample)];
  }

  open(received: number): OpenUtteranceRange | null {
    if (this.#open === null) return null;
    const { startSample, speechEnd } = this.#open;
    const known = Math.min(this.#windowStart, received);
    return { startSample, endSample: this.#endOf(this.#open, known), settled: known >= speechEnd + this.#settledSamples };
  }

  #hear(probability: number, windowEnd: number, endpoints: Endpoint[]): void {
    const goesOn = Math.max(this.#threshold - HYSTERESIS, LOWEST_THRESHOLD);
    this.#speaking = probability >= (this.#speaking ? goesOn : this.#threshold);
    if (!this.#speaking) {
      this.#run.windows = 0;
      const silence = windowEnd - (this.#open?.speechEnd ?? windowEnd);
      if (this.#open !== null && silence >= this.#silenceSamples) endpoints.push(this.#close(this.#open, windowEnd, 'pause'));
      return;
    }
    if (this.#run.windows === 0) this.#run.startSample = Math.max(this.#windowStart, this.#anewFrom);
    this.#run.windows += 1;
    if (this.#open === null && this.#run.windows >= SHORTEST_SPEECH_WINDOWS) {
      this.#open = { startSample: this.#startFor(this.#run.startSample), speechEnd: windowEnd };
      endpoints.push({ kind: 'speech', atSample: this.#run.startSample });
    }
    if (this.#open === null) return;
    this.#open.speechEnd = windowEnd;
    if (windowEnd - this.#open.startSample > LONGEST_UTTERANCE_SAMPLES) endpoints.push(...this.#cut(this.#open));
  }

  /** What is left of it is the next utterance. */
  #cut(open: { startSample: number }): Endpoint[] {
    const cut = forcedCut(open.startSample, this.#cutPlace);
    return [this.#endPart(open, cut), { kind: 'speech', atSample: cut }];
  }

  #endPart(open: { startSample: number }, endSample: number): Endpoint {
    const { startSample } = open;
    this.#previousEnd = endSample;
    open.startSample = endSample;
    return { kind: 'utterance', startSample, endSample, endedBy: 'length' };
  }

  #close(open: { startSample: number; speechEnd: number }, known: number, endedBy: EndedBy): Endpoint {
    const endSample = this.#endOf(open, known);
    this.#open = null;
    this.#run.windows = 0;
    this.#previousEnd = endSample;
    return { kind: 'utterance', startSample: open.startSample, endSample, endedBy };
  }

  #endOf({ startSample, speechEnd }: { startSample: number; speechEnd: number }, known: number): number {
    return Math.min(speechEnd + this.#suffixSamples, known, startSample + LONGEST_UTTERANCE_SAMPLES);
  }

  /** Nothing before this is in an utterance that is still to come. */
  #startAnew(sample: number): void {
    this.#speaking = false;
    this.#run.windows = 0;
    this.#previousEnd = sample;
    this.#anewFrom = sample;
  }

  /** The start of an utterance whose speech starts here. */
  #startFor(speechStart: number): number {
    return Math.max(this.#previousEnd, speechStart - this.#prefixSamples);
  }
}

function toSamples(ms: number): number {
  return Math.round((ms * SAMPLE_RATE_HZ) / 1000);
}
