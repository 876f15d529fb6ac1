/**
 * A low-pass filter, sampled at each place where an output may lie between two input samples. Row
 * `rowOf(phase)` of `coefficients` holds `taps` weights, for the input samples from `half − 1` before
 * the output's place to `half` behind it.
 */
export interface PolyphaseKernel {
  readonly half: number;
  readonly taps: number;
  readonly coefficients: Float64Array;
  /** Where the row begins. Valid until the next call: the row may be computed by it. */
  readonly rowOf: (phase: number) => number;
}

const STOPBAND_DB = 85;
/** Of the lower rate's band; from here to its end the filter falls. */
const PASSBAND = 0.92;
/** Rates without a large common divisor have thousands of phases: then rows are interpolated. */
const MOST_ROWS = 1024;

// Kaiser and Schafer's formulas (1974) for the window's shape and the filter's length
const KAISER_BETA = 0.1102 * (STOPBAND_DB - 8.7);
const HALF_AT_LOWER_RATE = Math.ceil((STOPBAND_DB - 7.95) / (2.285 * Math.PI * (1 - PASSBAND)) / 2);

const KAISER_PEAK = besselI0(KAISER_BETA);

/** The kernel for output at `up/down` times the input's rate. */
export function createPolyphaseKernel(up: number, down: number): PolyphaseKernel {
  const ratio = Math.min(1, up / down); // the lower rate, in units of the input's
  const half = 2 * Math.ceil(HALF_AT_LOWER_RATE / ratio / 2); // even, so that taps divide by four
  const taps = 2 * half;
  if (up <= MOST_ROWS) {
    const coefficients = new Float64Array(up * taps);
    for (let phase = 0; phase < up; phase += 1) fillRow(coefficients.subarray(phase * taps), phase / up, half, ratio);
    return { half, taps, coefficients, rowOf: (phase) => phase * taps };
  }
  return interpolatedKernel(up, half, ratio);
}

/** Rows 0 … MOST_ROWS, and behind them a scratch row mixed of two neighbours (error below −110 dB). */
function interpolatedKernel(up: number, half: number, ratio: number): PolyphaseKernel {
  const taps = 2 * half;
  const scratch = (MOST_ROWS + 1) * taps;
  const coefficients = new Float64Array(scratch + taps);
  for (let row = 0; row <= MOST_ROWS; row += 1) {
    fillRow(coefficients.subarray(row * taps), row / MOST_ROWS, half, ratio);
  }
  const rowOf = (phase: number) => {
    const place = (phase * MOST_ROWS) / up;
    const row = Math.floor(place);
    const share = place - row;
    for (let t = 0; t < taps; t += 1) {
      const [near, far] = [coefficients[row * taps + t] as number, coefficients[(row + 1) * taps + t] as number];
      coefficients[scratch + t] = near + share * (far - near);
    }
    return scratch;
  };
  return { half, taps, coefficients, rowOf };
}

/** The filter around an output that lies `offset` input samples behind its neighbour; its sum is 1, so that DC stays. */
function fillRow(row: Float64Array, offset: number, half: number, ratio: number): void {
  const cutoff = (ratio * (1 + PASSBAND)) / 2; // middle of the falling edge, in units of the input's band
  let sum = 0;
  for (let t = 0; t < 2 * half; t += 1) {
    const distance = t - (half - 1) - offset;
    const weight = cutoff * sinc(cutoff * distance) * kaiser(distance / half);
    row[t] = weight;
    sum += weight;
  }
  for (let t = 0; t < 2 * half; t += 1) row[t] = (row[t] as number) / sum;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Kaiser window over [−1, 1]. */
function kaiser(x: number): number {
  return x * x >= 1 ? 0 : besselI0(KAISER_BETA * Math.sqrt(1 - x * x)) / KAISER_PEAK;
}

/** The modified Bessel function of order 0, by its series Σ ((x/2)^k / k!)². */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
