import { FloraAsrError } from '../../kernels/errors.ts';

/** @throws FloraAsrError `audio_not_finite`, with the first place. */
export function requireFinite(samples: Float32Array): void {
  // x − x is 0 for finite x, else NaN: the sum tells at once that all is well
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) sum += (samples[index] as number) - (samples[index] as number);
  if (sum === 0) return;
  const index = samples.findIndex((sample) => !Number.isFinite(sample));
  throw new FloraAsrError('audio_not_finite', `Sample ${index} of ${samples.length} is ${samples[index]}, not a number.`);
}
