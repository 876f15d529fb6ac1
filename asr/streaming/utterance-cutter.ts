import { quietestPlace } from '../audio/quietest-place.ts';
import { WINDOW_SAMPLES } from '../voice-activity/voice-detector.ts';
import {
  createVoiceEndpointer,
  type EndedByRequest,
  type Endpoint,
  type Endpointer,
  type OpenRange,
  type OpenUtteranceRange,
} from './endpointer.ts';
import type { Endpointing } from './endpointing.ts';
import { createLengthEndpointer } from './length-endpointer.ts';
import { SampleHistory } from './sample-history.ts';
import type { EndedBy } from './speech-event.ts';

/** What comes of one channel's audio; places are samples at 16 kHz from its start. */
export type Cut =
  | { readonly kind: 'speech'; readonly atSample: number }
  | { readonly kind: 'utterance'; readonly utterance: Utterance };

export interface Utterance {
  readonly startSample: number;
  readonly endSample: number;
  readonly endedBy: EndedBy;
  /** 16 kHz mono, at most 30 s; memory of its own */
  readonly samples: Float32Array;
}

/**
 * Cuts one channel into utterances. It keeps what an utterance may still need: the one that is open (30 s, and the
 * silence that may end it), or else what is kept before speech.
 */
export class UtteranceCutter {
  readonly #history = new SampleHistory();
  readonly #endpointer: Endpointer;
  readonly #endpointing: Endpointing;
  #windows = 0;

  constructor(endpointing: Endpointing) {
    this.#endpointing = endpointing;
    const cutPlace = (from: number, to: number) => from + quietestPlace(this.#history.view(from, to));
    this.#endpointer = endpointing === 'off' ? createLengthEndpointer(cutPlace) : createVoiceEndpointer(endpointing, cutPlace);
  }

  get receivedSamples(): number {
    return this.#history.length;
  }

  /** Samples of which it is known whether they are speech. */
  get judgedSamples(): number {
    if (this.#endpointing === 'off') return this.#history.length;
    return Math.min(this.#windows * WINDOW_SAMPLES, this.#history.length);
  }

  /** Where the audio begins that is in no utterance yet, and not known to be silent. */
  get undecidedFrom(): number {
    return this.#endpointer.neededFrom;
  }

  /**
   * @param samples 16 kHz mono
   * @param probabilities of speech, of the windows that these samples completed; none without endpointing
   */
  push(samples: Float32Array, probabilities: Float32Array): readonly Cut[] {
    this.#history.append(samples);
    this.#windows += probabilities.length;
    return this.#cuts(this.#endpointer.advance(this.#history.length, probabilities));
  }

  /** Ends the utterance that is open; the audio may go on. */
  end(by: EndedByRequest): readonly Cut[] {
    return this.#cuts(this.#endpointer.end(this.#history.length, by));
  }

  /** Ends the utterance that is open within its speech, and what follows is open still; nothing if the place is not there. */
  cutAt(sample: number): readonly Cut[] {
    return this.#cuts(this.#endpointer.cutAt(sample));
  }

  /** The utterance that is open, as it would be if it ended here; null: none is. */
  get open(): OpenUtteranceRange | null {
    return this.#endpointer.open(this.#history.length);
  }

  /** @returns samples of the utterance that is open; memory of its own */
  samplesOf({ startSample, endSample }: OpenRange): Float32Array {
    return this.#history.view(startSample, endSample).slice();
  }

  #cuts(endpoints: readonly Endpoint[]): readonly Cut[] {
    const cuts = endpoints.map((endpoint): Cut => {
      if (endpoint.kind === 'speech') return endpoint;
      const { startSample, endSample, endedBy } = endpoint;
      const samples = this.samplesOf(endpoint);
      return { kind: 'utterance', utterance: { startSample, endSample, endedBy, samples } };
    });
    this.#history.forgetBefore(this.#endpointer.neededFrom);
    return cuts;
  }
}
