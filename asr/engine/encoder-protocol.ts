import type { Adapter } from '../../adapters/adapter.ts';
import type { EncoderJob, Encoding } from './encoder.ts';
import type { EncoderPlan } from './open-model.ts';
import type { PlainError } from './plain-error.ts';

/** To the encoder's thread; taken in order. */
export type EncoderRequest =
  | { readonly kind: 'open'; readonly plan: EncoderPlan }
  | { readonly kind: 'write-slot'; readonly slot: number; readonly adapter: Adapter | null }
  | { readonly kind: 'encode'; readonly jobs: readonly EncoderJob[] }
  | { readonly kind: 'close' };

/** From the encoder's thread: an answer to each `open` and `encode`, in their order. */
export type EncoderReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'encoded'; readonly encoding: Encoding }
  | { readonly kind: 'failed'; readonly error: PlainError };
