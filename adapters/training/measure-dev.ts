import { FloraAsrError } from '../../kernels/errors.ts';
import { measuredParameters, type TrainingState } from './training-state.ts';

/**
 * Dev WER of each learner, as a fraction, in the run's order.
 * @param parameters of each learner; valid until the promise settles, and not to be changed
 * @param epoch complete epochs
 */
export type MeasureDev = (parameters: readonly Float32Array[], epoch: number) => Promise<readonly number[]>;

/** Measures a state, and keeps the parameters of those learners that are better than before. */
export async function measureState(state: TrainingState, measureDev: MeasureDev): Promise<TrainingState> {
  const { step, epoch, history } = state;
  const wers = checkedWers(await measureDev(state.learners.map(measuredParameters), epoch), state.learners.length);
  const learners = state.learners.map((learner, index) => {
    const wer = wers[index] as number;
    if (learner.best !== null && wer >= learner.best.wer) return learner;
    return { ...learner, best: { parameters: measuredParameters(learner).slice(), wer, step, epoch } };
  });
  const gained = learners.some((learner, index) => learner !== state.learners[index]);
  return {
    ...state,
    learners,
    measuredStep: step,
    measurementsWithoutGain: gained ? 0 : state.measurementsWithoutGain + 1,
    history: { ...history, measurements: [...history.measurements, { step, epoch, wers }] },
  };
}

/** @throws FloraAsrError `argument_invalid` unless there is a rate for each learner */
export function checkedWers(wers: readonly number[], learners: number): readonly number[] {
  if (wers.length === learners && wers.every((wer) => Number.isFinite(wer) && wer >= 0)) return wers;
  throw new FloraAsrError(
    'argument_invalid',
    `The dev measurement gave [${wers.join(', ')}], expected an error rate for each of ${learners} learners; ` +
      'each needs at least one utterance with text.',
  );
}
