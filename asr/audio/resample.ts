import { FloraAsrError } from '../../kernels/errors.ts';
import { createPolyphaseKernel } from './polyphase-kernel.ts';

/**
 * Changes the sample rate of a signal that arrives in pieces. What comes out does not depend, bitwise,
 * on how the signal was cut into pieces.
 */
export interface Resampler {
  /** The samples that can be computed by now; the rest follows by half a filter's length. */
  push(samples: Float32Array): Float32Array;
  /** The last samples. The resampler is of no further use. */
  end(): Float32Array;
}

const LOWEST_HZ = 1_000;
const HIGHEST_HZ = 768_000;

/**
 * Resamples a whole signal, without delay: output n is the signal at time n/toHz, and there are
 * ⌈length·toHz/fromHz⌉ of them.
 * @throws FloraAsrError `argument_invalid`
 */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  if (fromHz === toHz) return samples;
  const resampler = createResampler(fromHz, toHz);
  const body = resampler.push(samples);
  const tail = resampler.end();
  const whole = new Float32Array(body.length + tail.length);
  whole.set(body);
  whole.set(tail, body.length);
  return whole;
}

/**
 * Semantics: y[n] = Σ_i x[i]·h(n·from/to − i), h a windowed sinc that passes 0.92 of the lower rate's
 * band unchanged and is down by 85 dB at its end; x is 0 before its start and behind its end.
 * @throws FloraAsrError `argument_invalid`
 */
export function createResampler(fromHz: number, toHz: number): Resampler {
  for (const rate of [fromHz, toHz]) {
    if (!Number.isSafeInteger(rate) || rate < LOWEST_HZ || rate > HIGHEST_HZ) {
      const range = `a whole number from ${LOWEST_HZ} to ${HIGHEST_HZ}`;
      throw new FloraAsrError('argument_invalid', `A sample rate must be ${range}, but is ${rate}.`);
    }
  }
  if (fromHz === toHz) return { push: (samples) => samples.slice(), end: () => new Float32Array(0) };
  return new PolyphaseResampler(fromHz, toHz);
}

class PolyphaseResampler implements Resampler {
  readonly #kernel;
  readonly #up: number;
  readonly #down: number;
  /** Input from the first sample that the next output needs. It begins with zeros: what was before the start. */
  #pending: Float32Array;
  #received = 0;
  #produced = 0;
  /** (produced·down) mod up: where the next output lies between two input samples. */
  #phase = 0;

  constructor(fromHz: number, toHz: number) {
    const divisor = greatestCommonDivisor(fromHz, toHz);
    this.#up = toHz / divisor;
    this.#down = fromHz / divisor;
    this.#kernel = createPolyphaseKernel(this.#up, this.#down);
    this.#pending = new Float32Array(this.#kernel.half - 1);
  }

  push(samples: Float32Array): Float32Array {
    this.#received += samples.length;
    return this.#advance(samples, Number.POSITIVE_INFINITY);
  }

  end(): Float32Array {
    const total = Math.ceil((this.#received * this.#up) / this.#down);
    return this.#advance(new Float32Array(this.#kernel.half), total - this.#produced);
  }

  #advance(samples: Float32Array, atMost: number): Float32Array {
    const input = new Float32Array(this.#pending.length + samples.length);
    input.set(this.#pending);
    input.set(samples, this.#pending.length);

    const { taps, rowOf, coefficients } = this.#kernel;
    const starts = input.length - taps + 1; // places where a whole filter fits
    const possible = Math.max(0, Math.ceil((starts * this.#up - this.#phase) / this.#down));
    const output = new Float32Array(Math.min(possible, atMost));
    let start = 0;
    let phase = this.#phase;
    for (let index = 0; index < output.length; index += 1) {
      output[index] = dot(input, start, coefficients, rowOf(phase), taps);
      phase += this.#down;
      start += Math.floor(phase / this.#up);
      phase %= this.#up;
    }
    this.#phase = phase;
    this.#produced += output.length;
    // never behind what has arrived: a filter is longer than the step from one output to the next
    this.#pending = input.slice(start);
    return output;
  }
}

/** Σ x[from + t]·h[row + t]; in four sums, because one would wait for each addition. */
function dot(x: Float32Array, from: number, h: Float64Array, row: number, taps: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let t = 0; t < taps; t += 4) {
    a += (x[from + t] as number) * (h[row + t] as number);
    b += (x[from + t + 1] as number) * (h[row + t + 1] as number);
    c += (x[from + t + 2] as number) * (h[row + t + 2] as number);
    d += (x[from + t + 3] as number) * (h[row + t + 3] as number);
  }
  return a + b + (c + d);
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}
