export interface Schedule {
  readonly peakLearningRate: number;
  /** updates until the peak */
  readonly warmupSteps: number;
  /** share of the peak that is left at the end of the run */
  readonly finalShare: number;
}

/** Where a run stands before an update. */
export interface SchedulePoint {
  /** updates so far */
  readonly step: number;
  /** share of the run that is done, 0 to 1 */
  readonly progress: number;
}

/**
 * Linear warm-up, and linear decay over the whole run. The decay goes by progress and not by steps,
 * because epochs may differ in how many batches they have.
 */
export function learningRateAt({ step, progress }: SchedulePoint, schedule: Schedule): number {
  const { peakLearningRate, warmupSteps, finalShare } = schedule;
  const warmup = step < warmupSteps ? (step + 1) / warmupSteps : 1;
  const decay = finalShare + (1 - finalShare) * (1 - Math.min(progress, 1));
  return peakLearningRate * warmup * decay;
}
