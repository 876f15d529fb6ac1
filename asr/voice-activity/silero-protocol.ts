import type { ErrorCode } from '../../kernels/errors.ts';
import type { SignalId } from './window-turns.ts';

/** From the detector to its worker; taken in order, between two batches. */
export type SileroRequest =
  | { readonly kind: 'open'; readonly modelPath: string }
  /** [count, 512], at least one */
  | { readonly kind: 'push'; readonly signal: SignalId; readonly windows: Float32Array }
  | { readonly kind: 'drop'; readonly signal: SignalId }
  | { readonly kind: 'close' };

/** From the worker to its detector. */
export type SileroReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'open-failed'; readonly code: ErrorCode; readonly message: string }
  /** one for each push, in the order of the signal's pushes */
  | { readonly kind: 'judged'; readonly signal: SignalId; readonly probabilities: Float32Array };
