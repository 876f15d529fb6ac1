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
