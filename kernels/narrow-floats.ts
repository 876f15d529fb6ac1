/**
 * fp32 values as IEEE 754 binary16, rounded to the nearest, ties to even. What is beyond ±65,504 after rounding
 * becomes infinite; NaN stays NaN.
 */
export function narrowToHalf(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i += 1) halves[i] = narrowSingle(bits[i] as number);
  return halves;
}

const SINGLE_INFINITY = 0x7f800000;
/** 2^-14, the smallest normal half */
const SMALLEST_NORMAL = 113 << 23;
/** 2^-25, half the smallest subnormal half: it and what is less rounds to 0 */
const ROUNDS_TO_ZERO = 102 << 23;

function narrowSingle(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > SINGLE_INFINITY) return sign | 0x7e00;
  if (magnitude >= SMALLEST_NORMAL) {
    // exponent 127 becomes 15; a carry out of the fraction belongs to the exponent, and may end in infinity
    return sign | Math.min(roundOff(magnitude - (112 << 23), 13), 0x7c00);
  }
  if (magnitude <= ROUNDS_TO_ZERO) return sign;
  const exponent = magnitude >>> 23;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  return sign | roundOff(significand, 126 - exponent); // in units of 2^-24
}

/** value / 2^places, to the nearest whole number, ties to even. */
function roundOff(value: number, places: number): number {
  const whole = value >>> places;
  const rest = value & ((1 << places) - 1);
  const half = 1 << (places - 1);
  return rest > half || (rest === half && (whole & 1) === 1) ? whole + 1 : whole;
}
