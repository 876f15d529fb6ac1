/** On either side of an output's place, at the lower of the two rates; even, so that a filter's length divides by four. */
const HALF = 24;

/** Row r of `coefficients`, [up, taps], is the filter for outputs that lie r/up behind an input sample. */
interface Filters {
  readonly half: number;
  readonly coefficients: Float64Array;
}

const known = new Map<string, Filters>();

/**
 * Resamples by `up / down`, two small whole numbers, three times as fast as `resample`, and less cleanly: the band is whole
 * up to 0.85 of its width, and what folds over lies 40 dB below. Enough to sound different with, too little to serve with.
 *
 * Semantics: y[n] = Σ_i x[i]·h(n·down/up − i), h a sinc under a Hann window; x is 0 before its start and behind its end.
 * @returns ⌈length · up / down⌉ samples
 */
export function quickResample(samples: Float32Array, up: number, down: number): Float32Array {
  const key = `${up}/${down}`;
  const filters = known.get(key) ?? makeFilters(up, down);
  known.set(key, filters);
  const { half, coefficients } = filters;
  const taps = 2 * half;
  const input = new Float32Array(samples.length + taps);
  input.set(samples, half - 1);
  const output = new Float32Array(Math.ceil((samples.length * up) / down));
  for (let index = 0, start = 0, phase = 0; index < output.length; index += 1) {
    let [even, odd] = [0, 0];
    for (let tap = 0, at = phase * taps; tap < taps; tap += 4, at += 4) {
      const from = start + tap;
      even +=
        (input[from] as number) * (coefficients[at] as number) + (input[from + 1] as number) * (coefficients[at + 1] as number);
      odd +=
        (input[from + 2] as number) * (coefficients[at + 2] as number) +
        (input[from + 3] as number) * (coefficients[at + 3] as number);
    }
    output[index] = even + odd;
    phase += down;
    while (phase >= up) {
      phase -= up;
      start += 1;
    }
  }
  return output;
}

function makeFilters(up: number, down: number): Filters {
  const ratio = Math.min(1, up / down);
  const half = 2 * Math.ceil(HALF / ratio / 2);
  const cutoff = ratio * (1 - 1 / HALF); // middle of the falling edge, in units of the input's band
  const taps = 2 * half;
  const coefficients = new Float64Array(up * taps);
  for (let phase = 0; phase < up; phase += 1) {
    const row = coefficients.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const distance = tap - (half - 1) - phase / up;
      row[tap] = sinc(cutoff * distance) * Math.cos((Math.PI * distance) / taps) ** 2;
      sum += row[tap] as number;
    }
    for (let tap = 0; tap < taps; tap += 1) row[tap] = (row[tap] as number) / sum; // a constant stays
  }
  return { half, coefficients };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
