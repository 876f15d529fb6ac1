import type { runProgram } from '../process/run-program.ts';
import type { OnWeightEvent, WeightSource } from './weight-events.ts';
import type { WeightSettings } from './weight-settings.ts';

export interface PullOptions extends WeightSettings {
  readonly runProgram: typeof runProgram;
  readonly onEvent?: OnWeightEvent;
  readonly signal?: AbortSignal;
}

/** What a source has left in a folder: the files of a checkpoint, its weights verified. */
export interface PulledModel {
  readonly source: WeightSource;
  readonly origin: string;
  readonly weights: readonly { readonly name: string; readonly digest: string }[];
}
