import type { Adapter } from '../../adapters/adapter.ts';
import type { BatchView } from './batch-view.ts';
import type { EngineStats } from './engine-stats.ts';
import type { Recognition, UtteranceJob } from './job.ts';
import type { ModelPlan } from './model-plan.ts';
import type { RuntimeDescription } from './open-model.ts';
import type { PlainError } from './plain-error.ts';
import type { RowId } from './schedule.ts';

/** From the engine to its worker; taken in order, between two batches. */
export type WorkerRequest =
  | { readonly kind: 'open'; readonly plan: ModelPlan }
  | { readonly kind: 'submit'; readonly job: UtteranceJob }
  | { readonly kind: 'cancel'; readonly id: RowId }
  /** null makes the slot the identity again */
  | { readonly kind: 'write-slot'; readonly slot: number; readonly adapter: Adapter | null }
  | { readonly kind: 'stats'; readonly id: number }
  | { readonly kind: 'close' };

/** From the worker to its engine. */
export type WorkerReport =
  | { readonly kind: 'compiling'; readonly graph: string; readonly writtenBytes: number; readonly totalBytes: number }
  | { readonly kind: 'ready'; readonly runtime: RuntimeDescription }
  | { readonly kind: 'open-failed'; readonly error: PlainError }
  | { readonly kind: 'result'; readonly id: RowId; readonly recognition: Recognition }
  /** of the model's languages, in the configuration's order */
  | { readonly kind: 'languages'; readonly id: RowId; readonly logProbs: readonly number[] }
  | { readonly kind: 'failure'; readonly id: RowId; readonly error: PlainError }
  | { readonly kind: 'stats'; readonly id: number; readonly stats: EngineStats; readonly view: BatchView };
