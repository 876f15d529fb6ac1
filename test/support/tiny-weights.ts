import type { TensorSource } from '../../kernels/tensor-source.ts';

/** `count` values, roughly normal, with the given standard deviation. */
export function noise(random: () => number, count: number, deviation = 1): Float32Array {
  return Float32Array.from({ length: count }, () => {
    const sum = random() + random() + random() + random() - 2; // variance 4/12
    return sum * Math.sqrt(3) * deviation;
  });
}

/** A checkpoint made in memory. */
export function memoryTensors(tensors: Record<string, { shape: readonly number[]; values: Float32Array }>): TensorSource {
  const find = (name: string) => {
    const found = tensors[name];
    if (found === undefined) throw new Error(`no tensor ${name}`);
    return found;
  };
  return {
    names: Object.keys(tensors),
    shape: (name) => find(name).shape,
    read: (name) => find(name).values.slice(),
    close: () => undefined,
  };
}

/** Root mean square of the difference over that of the reference. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let reference = 0;
  for (let i = 0; i < expected.length; i += 1) {
    difference += ((actual[i] ?? Number.NaN) - (expected[i] ?? 0)) ** 2;
    reference += (expected[i] ?? 0) ** 2;
  }
  return Math.sqrt(difference / reference);
}
