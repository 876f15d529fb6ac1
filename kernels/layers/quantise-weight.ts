import { FloraAsrError } from '../errors.ts';

/** A linear layer's weight in s8, one scale per output channel: `weight[o, i] ≈ values[i, o] · scales[o]`. */
export interface QuantisedWeight {
  /** [in, out], row-major: transposed, as MatMul wants it */
  readonly values: Int8Array;
  /** [out] */
  readonly scales: Float32Array;
}

const LIMIT = 127;
/** what onnxruntime's MatMulNBits takes for 0 where it is told nothing else */
const BLOCK_ZERO_POINT = 128;

/**
 * Symmetric quantisation per output channel, to −127 … 127.
 * @param weight [out, in]
 */
export function quantiseWeight(weight: Float32Array, outDim: number, inDim: number): QuantisedWeight {
  requireSize(weight, outDim, inDim);
  const values = new Int8Array(weight.length);
  const scales = new Float32Array(outDim);
  for (let o = 0; o < outDim; o += 1) {
    const row = weight.subarray(o * inDim, (o + 1) * inDim);
    const scale = scaleOf(row);
    scales[o] = scale;
    for (let i = 0; i < inDim; i += 1) values[i * outDim + o] = Math.round((row[i] ?? 0) / scale);
  }
  return { values, scales };
}

/** How much of the differences between channels the weight takes over from the input, from 0 to 1. */
const SMOOTHING = 0.65;
/** A channel counts as no smaller than this part of the largest: what never was in use may be yet. */
const SMALLEST_PEAK = 1e-3;
const SMALLEST_WEIGHT = 1e-5;

/**
 * Factors s for the channels of a linear layer's input, so that x / s and W · s, whose product is the same, are both easy
 * to hold in eight bits: a channel that is always large no longer sets the scale of its whole row (Xiao et al. 2023,
 * "SmoothQuant", equation 4). Their geometric mean is 1.
 *
 * @param weight [out, in]
 * @param peaks [in]: the largest magnitude of each channel
 * @returns [in]
 */
export function smoothingFactors(weight: Float32Array, peaks: Float32Array): Float32Array {
  const inDim = peaks.length;
  const heaviest = new Float32Array(inDim).fill(SMALLEST_WEIGHT);
  for (const [at, value] of weight.entries()) {
    const i = at % inDim;
    heaviest[i] = Math.max(heaviest[i] as number, Math.abs(value));
  }
  const least = Math.max(SMALLEST_PEAK * peaks.reduce((max, peak) => Math.max(max, peak), 0), Number.MIN_VALUE);
  const logs = Array.from(
    peaks,
    (peak, i) => SMOOTHING * Math.log(Math.max(peak, least)) - (1 - SMOOTHING) * Math.log(heaviest[i] as number),
  );
  const mean = logs.reduce((sum, log) => sum + log, 0) / inDim;
  return Float32Array.from(logs, (log) => Math.exp(log - mean));
}

/**
 * Each input channel times its factor.
 * @param weight [out, in]
 * @param factors [in]
 */
export function scaleChannels(weight: Float32Array, factors: Float32Array): Float32Array {
  return weight.map((value, at) => value * (factors[at % factors.length] as number));
}

/** How many neighbours of a row share a scale where scales belong to blocks. */
export const BLOCK = 32;

/** A linear layer's weight in blocks: `weight[o, 32 b + i] ≈ (values[o, b, i] − 128) · scales[o, b]`. */
export interface BlockQuantisedWeight {
  /** [out, blocks, 32]; what a last block lacks is 128, which stands for 0 */
  readonly values: Uint8Array;
  /** [out, blocks] */
  readonly scales: Float32Array;
}

/**
 * Symmetric quantisation per block of 32 inputs, to −127 … 127 around a zero point of 128.
 * @param weight [out, in]
 */
export function quantiseWeightInBlocks(weight: Float32Array, outDim: number, inDim: number): BlockQuantisedWeight {
  requireSize(weight, outDim, inDim);
  const blocks = Math.ceil(inDim / BLOCK);
  const values = new Uint8Array(outDim * blocks * BLOCK).fill(BLOCK_ZERO_POINT);
  const scales = new Float32Array(outDim * blocks);
  for (let o = 0; o < outDim; o += 1) {
    for (let b = 0; b < blocks; b += 1) {
      const block = weight.subarray(o * inDim + b * BLOCK, o * inDim + Math.min(inDim, (b + 1) * BLOCK));
      const scale = scaleOf(block);
      scales[o * blocks + b] = scale;
      const start = (o * blocks + b) * BLOCK;
      for (const [i, w] of block.entries()) values[start + i] = Math.round(w / scale) + BLOCK_ZERO_POINT;
    }
  }
  return { values, scales };
}

/** [out, in] to [in, out]. */
export function transposeWeight(weight: Float32Array, outDim: number, inDim: number): Float32Array {
  const transposed = new Float32Array(weight.length);
  for (let o = 0; o < outDim; o += 1) {
    for (let i = 0; i < inDim; i += 1) transposed[i * outDim + o] = weight[o * inDim + i] ?? 0;
  }
  return transposed;
}

/** One step of values that share a scale; 1 where all are 0. */
function scaleOf(values: Float32Array): number {
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return Math.fround(largest === 0 ? 1 : largest / LIMIT);
}

function requireSize(weight: Float32Array, outDim: number, inDim: number): void {
  if (weight.length === outDim * inDim) return;
  throw new FloraAsrError('shape_mismatch', `Weight has ${weight.length} values, expected ${outDim} × ${inDim}.`);
}
