import type { Worker } from 'node:worker_threads';
import type { Adapter } from '../../adapters/adapter.ts';
import type { ProviderChoice } from '../../kernels/choose-provider.ts';
import type { FloraAsrError } from '../../kernels/errors.ts';
import type { CheckpointLocation } from '../weights/checkpoint-location.ts';
import type { ComputeTypeChoice } from './compute-type.ts';
import type { ReservedRanks } from './model-plan.ts';
import type { ScheduleLimits } from './schedule.ts';

export interface EngineOptions {
  readonly checkpoint: CheckpointLocation;
  /** for compiled graphs */
  readonly cacheDir: string;
  readonly adapters?: readonly Adapter[];
  /** language tag, or `*`, to the adapter its rows get where several could serve it */
  readonly languageDefaults?: Readonly<Record<string, string>>;
  readonly provider?: ProviderChoice;
  readonly computeType?: ComputeTypeChoice;
  readonly threads?: number;
  /** room for adapters that are loaded later */
  readonly reservedSlots?: number;
  readonly reservedRanks?: ReservedRanks;
  /** rows that wait or decode at once; more are refused */
  readonly maxRows?: number;
  readonly limits?: Partial<ScheduleLimits>;
  readonly onEvent?: (event: EngineEvent) => void;
  /** the thread to run in; a test may keep a hand on it */
  readonly startWorker?: () => Worker;
}

export type EngineEvent =
  | { readonly kind: 'compiling'; readonly graph: string; readonly writtenBytes: number; readonly totalBytes: number }
  | { readonly kind: 'worker-restarted'; readonly cause: FloraAsrError; readonly replayedRows: number }
  /** The worker was lost too often: the engine takes no rows any more. */
  | { readonly kind: 'given-up'; readonly cause: FloraAsrError };
