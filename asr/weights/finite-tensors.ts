import { FloraAsrError } from '../../kernels/errors.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';

/**
 * The same tensors, refused when read if a value is infinite or NaN: one such weight makes every
 * transcript wrong without a sign of it.
 * @param origin where they come from, for the error
 */
export function finiteTensors(source: TensorSource, origin: string): TensorSource {
  return {
    names: source.names,
    shape: (name) => source.shape(name),
    read: (name) => {
      const values = source.read(name);
      const wrong = firstNotFinite(values);
      if (wrong === -1) return values;
      throw new FloraAsrError('weights_corrupt', `${origin}: tensor ${name} holds ${values[wrong]} at index ${wrong}.`);
    },
    close: () => source.close(),
  };
}

function firstNotFinite(values: Float32Array): number {
  // a plain loop: findIndex with a callback takes seconds on 70 million values
  for (let i = 0; i < values.length; i += 1) if (!Number.isFinite(values[i])) return i;
  return -1;
}
