import { FloraAsrError } from '../errors.ts';

/** A linear layer's weight in s8, one scale per output channel: `weight[o, i] ≈ values[i, o] · scales[o]`. */
export interface QuantisedWeight {
  /** [in, out], row-major: transposed, as MatMul wants it */
  readonly values: Int8Array;
  /** [out] */
  readonly scales: Float32Array;
}

const LIMIT = 127;

/**
 * Symmetric quantisation per output channel, to −127 … 127.
 * @param weight [out, in]
 */
export function quantiseWeight(weight: Float32Array, outDim: number, inDim: number): QuantisedWeight {
  if (weight.length !== outDim * inDim) {
    throw new FloraAsrError('shape_mismatch', `Weight has ${weight.length} values, expected ${outDim} × ${inDim}.`);
  }
  const values = new Int8Array(weight.length);
  const scales = new Float32Array(outDim);
  for (let o = 0; o < outDim; o += 1) {
    const row = weight.subarray(o * inDim, (o + 1) * inDim);
    const largest = row.reduce((max, w) => Math.max(max, Math.abs(w)), 0);
    const scale = Math.fround(largest === 0 ? 1 : largest / LIMIT);
    scales[o] = scale;
    for (let i = 0; i < inDim; i += 1) values[i * outDim + o] = Math.round((row[i] ?? 0) / scale);
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
