/** What became of a learner in a step. */
export interface LearnerStep {
  readonly learner: string;
  /** mean over its tokens in the batch; null if no row of the batch is its own */
  readonly loss: number | null;
  /** before clipping */
  readonly gradientNorm: number | null;
  /** whether its parameters stay as they are because loss or gradient is not finite */
  readonly skipped: boolean;
}

/** A learner's dev WER, as a fraction. */
export interface LearnerWer {
  readonly learner: string;
  readonly wer: number;
  /** lower than all before */
  readonly best: boolean;
}

/** What a run reports, in the order in which it happens. `step` counts batches, `epoch` complete epochs. */
export type TrainingEvent =
  | {
      readonly type: 'step';
      readonly step: number;
      readonly epoch: number;
      readonly learningRate: number;
      readonly learners: readonly LearnerStep[];
    }
  | {
      readonly type: 'measurement';
      readonly step: number;
      readonly epoch: number;
      readonly learners: readonly LearnerWer[];
    }
  | { readonly type: 'checkpoint'; readonly step: number; readonly epoch: number }
  | { readonly type: 'patience_ended'; readonly step: number; readonly epoch: number }
  | {
      readonly type: 'alpha_measured';
      readonly alpha: number;
      readonly wers: readonly { readonly learner: string; readonly wer: number }[];
    };
