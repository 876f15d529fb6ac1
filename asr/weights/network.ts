import { FloraAsrError } from '../../kernels/errors.ts';

/** Why a request failed, in a few words: fetch's own message says only that it did. */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  // several addresses were tried
  if (cause instanceof AggregateError) return networkReason(cause.errors[0]);
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : error.message;
}

export function pullCancelled(signal: AbortSignal): FloraAsrError {
  return new FloraAsrError('cancelled', 'Pulling the weights was cancelled; the next pull goes on from here.', {
    cause: signal.reason,
  });
}
