import type { Span } from './parameter-layout.ts';

/** Euclidean norm over the trained entries; not finite if one of them is not. */
export function gradientNorm(gradient: Float32Array, trained: readonly Span[]): number {
  let sum = 0; // a double: the square of the largest fp32 fits
  for (const { start, end } of trained) {
    for (let i = start; i < end; i += 1) sum += (gradient[i] as number) ** 2;
  }
  return Math.sqrt(sum);
}

/** What a gradient is multiplied with so that its norm is at most `maxNorm`; null for no limit. */
export function clipScale(norm: number, maxNorm: number | null): number {
  return maxNorm === null || norm <= maxNorm ? 1 : maxNorm / norm;
}
