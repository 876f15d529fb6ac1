const ONE_HIGH = 0x3ff00000; // high word of 1
const SQRT_HALF_HIGH = 0x3fe6a09e; // high word of √½
const EXPONENT_SHIFT = 20;
const EXPONENT_BIAS = 1023;
const LOG10_2 = Math.LOG10E * Math.LN2;
const TWO_LOG10_E = 2 * Math.LOG10E;
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Replaces each of `count` positive, normal numbers by its log10, within 1e-9. */
export interface Log10Column {
  readonly values: Float64Array;
  readonly toLog10: () => void;
}

/**
 * A column of numbers with a logarithm several times as fast as `Math.log10`, which took a quarter of
 * the features' time. One pass splits all exponents off, another takes the logarithms: word and
 * number share memory, and a value read as one just after it was written as the other would stall.
 *
 * Semantics: x = m·2^e with m in [√½, √2); log10 x = e·log10 2 + 2·log10(e)·atanh(s), s = (m − 1)/(m + 1),
 * and atanh by its series to s¹¹, since s² < 0.03.
 */
export function createLog10Column(count: number): Log10Column {
  const values = new Float64Array(count);
  const words = new Int32Array(values.buffer);
  const exponents = new Int32Array(count);
  const toLog10 = () => {
    for (let index = 0; index < count; index += 1) {
      const high = words[2 * index + HIGH_WORD] as number;
      // adding the difference of 1 and √½ moves the split of the exponents from 1 to √½
      const exponent = ((high + (ONE_HIGH - SQRT_HALF_HIGH)) >> EXPONENT_SHIFT) - EXPONENT_BIAS;
      words[2 * index + HIGH_WORD] = high - (exponent << EXPONENT_SHIFT);
      exponents[index] = exponent;
    }
    for (let index = 0; index < count; index += 1) {
      const mantissa = values[index] as number;
      const s = (mantissa - 1) / (mantissa + 1);
      const s2 = s * s;
      const atanh = s * (1 + s2 * (1 / 3 + s2 * (1 / 5 + s2 * (1 / 7 + s2 * (1 / 9 + s2 / 11)))));
      values[index] = (exponents[index] as number) * LOG10_2 + TWO_LOG10_E * atanh;
    }
  };
  return { values, toLog10 };
}
