import { FloraAsrError } from '../../kernels/errors.ts';

/** @throws FloraAsrError `cancelled` */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(signal);
}

export function cancelled(signal: AbortSignal): FloraAsrError {
  return new FloraAsrError('cancelled', 'Reading the audio was cancelled.', { cause: signal.reason });
}
