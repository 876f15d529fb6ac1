/** Floating-point formats in which weights are stored. */
export type FloatFormat = 'f32' | 'f16' | 'bf16';

export const FLOAT_BYTES: Readonly<Record<FloatFormat, number>> = { f32: 4, f16: 2, bf16: 2 };

/**
 * Stored values, little-endian as is every machine onnxruntime runs on, as fp32; exact in each format.
 * @param content a whole number of values, at the start of its buffer; f32 values are viewed, not copied
 */
export function widenFloats(content: Uint8Array<ArrayBuffer>, format: FloatFormat): Float32Array {
  const { buffer, byteLength } = content;
  if (format === 'f32') return new Float32Array(buffer, 0, byteLength / 4);
  const stored = new Uint16Array(buffer, 0, byteLength / 2);
  const values = new Float32Array(stored.length);
  const bits = new Uint32Array(values.buffer);
  if (format === 'bf16') {
    for (let i = 0; i < stored.length; i += 1) bits[i] = (stored[i] as number) << 16;
    return values;
  }
  halfBits ??= Uint32Array.from({ length: 0x10000 }, (_, half) => widenHalf(half));
  for (let i = 0; i < stored.length; i += 1) bits[i] = halfBits[stored[i] as number] as number;
  return values;
}

/** fp32 bits by fp16 bits. A look-up is an order of magnitude faster than arithmetic on 70 million values. */
let halfBits: Uint32Array | undefined;

/** IEEE 754 binary16 to binary32, by bits. */
function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13); // infinity or NaN
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13); // 112 = 127 − 15
  const subnormal = new Uint32Array(Float32Array.of(fraction * 2 ** -24).buffer)[0] as number;
  return sign | subnormal;
}
