import type { OnWeightEvent } from '../../asr/weights/weight-events.ts';
import type { WeightSettings } from '../../asr/weights/weight-settings.ts';

/** A measurement that can be asked for by name. */
export interface Bench {
  readonly name: string;
  /** one line for the list of benches */
  readonly summary: string;
  /** its own options and what it measures */
  readonly help: string;
  /** @throws FloraAsrError `argument_invalid` for options it does not know, and whatever keeps it from measuring */
  run(args: readonly string[], context: BenchContext): Promise<BenchOutcome>;
}

/** What a bench takes from the process that runs it. */
export interface BenchContext {
  readonly env: NodeJS.ProcessEnv;
  readonly weights: WeightSettings;
  readonly signal: AbortSignal;
  readonly progress: BenchProgress;
}

/** For people who wait; nothing of it is part of the result. */
export interface BenchProgress {
  /** Something began, or was found out. */
  note(message: string): void;
  /** How far something has come. */
  advance(stage: BenchStage): void;
  /** Where weights come from. */
  readonly onWeights: OnWeightEvent;
}

export interface BenchStage {
  readonly title: string;
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'files' | 'steps';
  /** shown behind a bar */
  readonly status?: string;
}

export interface BenchOutcome {
  /** one JSON document; the numbers that are promised stand at its top level */
  readonly document: Readonly<Record<string, unknown>>;
  /** the same for people */
  readonly text: string;
}
