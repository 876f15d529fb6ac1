/** Samples in one analysis window: 25 ms at 16 kHz. */
export const WINDOW_SAMPLES = 400;
/** Bins from 0 Hz to 8 kHz, 40 Hz apart. */
export const SPECTRUM_BINS = WINDOW_SAMPLES / 2 + 1;

const HALF = WINDOW_SAMPLES / 2;
const RADIX_8_BLOCKS = HALF / 8;
const SQRT_HALF = Math.SQRT1_2;
const COS_72 = Math.cos((2 * Math.PI) / 5);
const COS_144 = Math.cos((4 * Math.PI) / 5);
const SIN_72 = Math.sin((2 * Math.PI) / 5);
const SIN_144 = Math.sin((4 * Math.PI) / 5);

/**
 * Writes |DFT|² of the 400 samples at `offset`, under a periodic Hann window, to `power` [201].
 *
 * Semantics: power[k] = |Σ_t samples[offset + t] · (½ − ½·cos(2πt/400)) · e^(−2πikt/400)|², in fp64.
 */
export type PowerSpectrum = (samples: Float32Array, offset: number, power: Float64Array) => void;

/**
 * A 400-point real transform as a 200-point complex one of (even, odd) sample pairs, 200 = 8·5·5 in
 * Stockham order: each pass reads one scratch buffer and writes the other, so no bit reversal.
 * The closure owns its scratch: one caller at a time.
 */
export function createPowerSpectrum(): PowerSpectrum {
  const window = Float64Array.from({ length: WINDOW_SAMPLES }, (_, t) => 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / 400));
  const first = { re: new Float64Array(HALF), im: new Float64Array(HALF) };
  const second = { re: new Float64Array(HALF), im: new Float64Array(HALF) };
  const eight = twiddles(RADIX_8_BLOCKS, 8, HALF);
  const five = twiddles(5, 5, 25);
  const unpack = twiddles(HALF / 2 + 1, 2, WINDOW_SAMPLES);

  return (samples, offset, power) => {
    passOf8(samples, offset, window, eight, first);
    passOf5(first, second, five);
    lastPassOf5(second, first);
    powers(first, unpack, power);
  };
}

interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** e^(−2πi·k·j/n) at index k·radix + j. */
function twiddles(count: number, radix: number, n: number): Complex {
  const angle = (index: number) => (-2 * Math.PI * Math.floor(index / radix) * (index % radix)) / n;
  return {
    re: Float64Array.from({ length: count * radix }, (_, index) => Math.cos(angle(index))),
    im: Float64Array.from({ length: count * radix }, (_, index) => Math.sin(angle(index))),
  };
}

// The passes index typed arrays within bounds that are fixed above; `as number` only quiets
// noUncheckedIndexedAccess, since a fallback value would cost time in the innermost loops.

/** Windows the samples, packs them as (even, odd) and does the radix-8 butterflies. */
function passOf8(x: Float32Array, offset: number, window: Float64Array, w: Complex, out: Complex): void {
  const { re, im } = out;
  const load = (t: number) => (x[offset + t] as number) * (window[t] as number);
  for (let k = 0; k < RADIX_8_BLOCKS; k += 1) {
    const t = 2 * k;
    const a0r = load(t);
    const a0i = load(t + 1);
    const a1r = load(t + 50);
    const a1i = load(t + 51);
    const a2r = load(t + 100);
    const a2i = load(t + 101);
    const a3r = load(t + 150);
    const a3i = load(t + 151);
    const a4r = load(t + 200);
    const a4i = load(t + 201);
    const a5r = load(t + 250);
    const a5i = load(t + 251);
    const a6r = load(t + 300);
    const a6i = load(t + 301);
    const a7r = load(t + 350);
    const a7i = load(t + 351);

    // even inputs 0 2 4 6
    const b0r = a0r + a4r;
    const b0i = a0i + a4i;
    const b1r = a0r - a4r;
    const b1i = a0i - a4i;
    const b2r = a2r + a6r;
    const b2i = a2i + a6i;
    const b3r = a2i - a6i; // −i·(a2 − a6)
    const b3i = a6r - a2r;
    const e0r = b0r + b2r;
    const e0i = b0i + b2i;
    const e2r = b0r - b2r;
    const e2i = b0i - b2i;
    const e1r = b1r + b3r;
    const e1i = b1i + b3i;
    const e3r = b1r - b3r;
    const e3i = b1i - b3i;

    // odd inputs 1 3 5 7
    const c0r = a1r + a5r;
    const c0i = a1i + a5i;
    const c1r = a1r - a5r;
    const c1i = a1i - a5i;
    const c2r = a3r + a7r;
    const c2i = a3i + a7i;
    const c3r = a3i - a7i; // −i·(a3 − a7)
    const c3i = a7r - a3r;
    const o0r = c0r + c2r;
    const o0i = c0i + c2i;
    const d1r = c1r + c3r;
    const d1i = c1i + c3i;
    const o2r = c0i - c2i; // −i·(c0 − c2)
    const o2i = c2r - c0r;
    const d3r = c1r - c3r;
    const d3i = c1i - c3i;
    const o1r = (d1r + d1i) * SQRT_HALF; // e^(−πi/4)
    const o1i = (d1i - d1r) * SQRT_HALF;
    const o3r = (d3i - d3r) * SQRT_HALF; // e^(−3πi/4)
    const o3i = -(d3r + d3i) * SQRT_HALF;

    const q = 8 * k;
    re[q] = e0r + o0r;
    im[q] = e0i + o0i;
    turn(out, w, q + 1, e1r + o1r, e1i + o1i);
    turn(out, w, q + 2, e2r + o2r, e2i + o2i);
    turn(out, w, q + 3, e3r + o3r, e3i + o3i);
    turn(out, w, q + 4, e0r - o0r, e0i - o0i);
    turn(out, w, q + 5, e1r - o1r, e1i - o1i);
    turn(out, w, q + 6, e2r - o2r, e2i - o2i);
    turn(out, w, q + 7, e3r - o3r, e3i - o3i);
  }
}

/** out[index] = w[index] · (re + i·im) */
function turn(out: Complex, w: Complex, index: number, re: number, im: number): void {
  const wr = w.re[index] as number;
  const wi = w.im[index] as number;
  out.re[index] = re * wr - im * wi;
  out.im[index] = re * wi + im * wr;
}

/** 25 = 5·5, over 8 interleaved transforms: reads at q + 8·(k + 5j), writes at q + 8·(5k + j). */
function passOf5(x: Complex, out: Complex, w: Complex): void {
  for (let k = 0; k < 5; k += 1) {
    for (let q = 0; q < 8; q += 1) butterflyOf5(x, q + 8 * k, out, q + 40 * k, 8, w, 5 * k);
  }
}

/** The last five, over 40 interleaved transforms, in place of the first buffer and without twiddles. */
function lastPassOf5(x: Complex, out: Complex): void {
  for (let q = 0; q < 40; q += 1) butterflyOf5(x, q, out, q, 40, ONES, 0);
}

const ONES: Complex = { re: new Float64Array(5).fill(1), im: new Float64Array(5) };

function butterflyOf5(x: Complex, from: number, out: Complex, to: number, step: number, w: Complex, turnAt: number): void {
  const a0r = x.re[from] as number;
  const a0i = x.im[from] as number;
  const a1r = x.re[from + 40] as number;
  const a1i = x.im[from + 40] as number;
  const a2r = x.re[from + 80] as number;
  const a2i = x.im[from + 80] as number;
  const a3r = x.re[from + 120] as number;
  const a3i = x.im[from + 120] as number;
  const a4r = x.re[from + 160] as number;
  const a4i = x.im[from + 160] as number;

  const s1r = a1r + a4r;
  const s1i = a1i + a4i;
  const s2r = a2r + a3r;
  const s2i = a2i + a3i;
  const d1r = a1r - a4r;
  const d1i = a1i - a4i;
  const d2r = a2r - a3r;
  const d2i = a2i - a3i;
  const u1r = a0r + COS_72 * s1r + COS_144 * s2r;
  const u1i = a0i + COS_72 * s1i + COS_144 * s2i;
  const u2r = a0r + COS_144 * s1r + COS_72 * s2r;
  const u2i = a0i + COS_144 * s1i + COS_72 * s2i;
  const v1r = SIN_72 * d1r + SIN_144 * d2r;
  const v1i = SIN_72 * d1i + SIN_144 * d2i;
  const v2r = SIN_144 * d1r - SIN_72 * d2r;
  const v2i = SIN_144 * d1i - SIN_72 * d2i;

  out.re[to] = a0r + s1r + s2r;
  out.im[to] = a0i + s1i + s2i;
  turnTo(out, to + step, w, turnAt + 1, u1r + v1i, u1i - v1r);
  turnTo(out, to + 2 * step, w, turnAt + 2, u2r + v2i, u2i - v2r);
  turnTo(out, to + 3 * step, w, turnAt + 3, u2r - v2i, u2i + v2r);
  turnTo(out, to + 4 * step, w, turnAt + 4, u1r - v1i, u1i + v1r);
}

function turnTo(out: Complex, to: number, w: Complex, turnAt: number, re: number, im: number): void {
  const wr = w.re[turnAt] as number;
  const wi = w.im[turnAt] as number;
  out.re[to] = re * wr - im * wi;
  out.im[to] = re * wi + im * wr;
}

/**
 * Separates the transforms of the even and odd samples, E and O, and joins them:
 * X[k] = E[k] + e^(−2πik/400)·O[k], X[200 − k] = conj(E[k] − e^(−2πik/400)·O[k]).
 */
function powers(z: Complex, w: Complex, power: Float64Array): void {
  for (let k = 0; k <= HALF / 2; k += 1) {
    const mirror = k === 0 ? 0 : HALF - k;
    const ar = z.re[k] as number;
    const ai = z.im[k] as number;
    const br = z.re[mirror] as number;
    const bi = z.im[mirror] as number;
    const er = 0.5 * (ar + br);
    const ei = 0.5 * (ai - bi);
    const or = 0.5 * (ai + bi);
    const oi = 0.5 * (br - ar);
    const wr = w.re[2 * k + 1] as number;
    const wi = w.im[2 * k + 1] as number;
    const tr = or * wr - oi * wi;
    const ti = or * wi + oi * wr;
    power[k] = (er + tr) * (er + tr) + (ei + ti) * (ei + ti);
    power[HALF - k] = (er - tr) * (er - tr) + (ei - ti) * (ei - ti);
  }
}
