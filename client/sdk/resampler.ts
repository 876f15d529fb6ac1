/** Half a filter's length, in samples at the lower rate. */
const HALF = 24;
/** Of the lower rate's band; from here to its end the filter falls. */
const PASSBAND = 0.9;
/** Places between two input samples at which the filter is known. */
const PHASES = 256;

/**
 * Changes the sample rate of a signal that arrives in pieces, for speech: a windowed sinc (Blackman, down by 74 dB).
 *
 * Semantics: y[n] = Σ_i x[i]·h(n·from/to − i); x is 0 before its start. What comes out does not depend on how the signal
 * was cut into pieces.
 */
export class Resampler {
  readonly #step: number;
  readonly #half: number;
  /** [PHASES + 1, 2·half] */
  readonly #filters: readonly Float32Array[];
  /** input from the first sample that the next output needs */
  #pending: Float32Array;
  /** outputs so far, and the input sample that `#pending` begins with */
  #produced = 0;
  #firstSample: number;

  constructor(fromHz: number, toHz: number) {
    const ratio = Math.min(1, toHz / fromHz); // the lower rate, in units of the input's
    this.#step = fromHz / toHz;
    this.#half = Math.ceil(HALF / ratio);
    this.#filters = Array.from({ length: PHASES + 1 }, (_, phase) => filterAt(phase / PHASES, this.#half, ratio));
    this.#firstSample = 1 - this.#half;
    this.#pending = new Float32Array(this.#half - 1);
  }

  /** The samples that can be computed by now; the rest follows by half a filter's length. */
  push(samples: Float32Array): Float32Array<ArrayBuffer> {
    const input = new Float32Array(this.#pending.length + samples.length);
    input.set(this.#pending);
    input.set(samples, this.#pending.length);
    const output: number[] = [];
    const end = this.#firstSample + input.length;
    let place = this.#produced * this.#step;
    while (Math.floor(place) + this.#half < end) {
      output.push(this.#at(place, input));
      this.#produced += 1;
      place = this.#produced * this.#step;
    }
    const needed = Math.min(end, Math.floor(place) + 1 - this.#half);
    this.#pending = input.slice(needed - this.#firstSample);
    this.#firstSample = needed;
    return Float32Array.from(output);
  }

  #at(place: number, input: Float32Array): number {
    const before = Math.floor(place);
    const filter = this.#filters[Math.round((place - before) * PHASES)] as Float32Array;
    const from = before + 1 - this.#half - this.#firstSample;
    let sum = 0;
    for (let tap = 0; tap < filter.length; tap += 1) sum += (filter[tap] as number) * (input[from + tap] as number);
    return sum;
  }
}

/** The filter around an output that lies `offset` input samples behind its neighbour; its sum is 1, so that DC stays. */
function filterAt(offset: number, half: number, ratio: number): Float32Array {
  const cutoff = (ratio * (1 + PASSBAND)) / 2;
  const weights = Array.from({ length: 2 * half }, (_, tap) => {
    const distance = tap - (half - 1) - offset;
    return sinc(cutoff * distance) * blackman(distance / half);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Over [−1, 1]. */
function blackman(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}
