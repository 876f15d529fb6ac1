/** `amplitude · sin(2π·hz·t)`. */
export function sine(
  hz: number,
  { rate, length, amplitude = 0.5 }: { rate: number; length: number; amplitude?: number },
): Float32Array {
  return Float32Array.from({ length }, (_, index) => amplitude * Math.sin((2 * Math.PI * hz * index) / rate));
}

export function rms(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) sum += (samples[index] as number) ** 2;
  return Math.sqrt(sum / samples.length);
}

/** The largest distance between two signals of one length. */
export function largestDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let index = 0; index < left.length; index += 1) {
    largest = Math.max(largest, Math.abs((left[index] as number) - (right[index] as number)));
  }
  return largest;
}
