import { FloraAsrError } from '../../kernels/errors.ts';
import type { LoopRecipe } from './loop-recipe.ts';
import { learningRateAt } from './schedule.ts';
import type { LearnerStep } from './training-events.ts';
import type { TrainingState } from './training-state.ts';
import { type LearnerContext, type LearnerGradient, updateLearner } from './update-learner.ts';

/** What a batch says, learners in the run's order. */
export interface GradientResult {
  /** summed over target tokens */
  readonly lossSums: readonly number[];
  readonly tokenCounts: readonly number[];
  /** d(mean loss of the learner's tokens) / d(parameters); null where the batch has no row of it. Valid until the next call. */
  readonly gradients: readonly (Float32Array | null)[];
}

/** @param parameters of each learner; valid until the promise settles, and not to be changed */
export type ComputeGradients<Batch> = (batch: Batch, parameters: readonly Float32Array[]) => Promise<GradientResult>;

export interface StepWork<Batch> {
  /** of the epoch that is not complete */
  readonly batches: readonly Batch[];
  readonly computeGradients: ComputeGradients<Batch>;
  readonly contexts: readonly LearnerContext[];
  readonly recipe: LoopRecipe;
}

export interface StepResult {
  readonly state: TrainingState;
  readonly learningRate: number;
  readonly reports: readonly LearnerStep[];
}

/**
 * The next batch of the epoch. The learners' arrays are changed in place.
 * @throws FloraAsrError `training_diverged`; `argument_invalid` if the gradients do not fit the learners
 */
export async function trainStep<Batch>(state: TrainingState, work: StepWork<Batch>): Promise<StepResult> {
  const { batches, contexts, recipe } = work;
  const parameters = state.learners.map((learner) => learner.parameters);
  const gradients = await work.computeGradients(batches[state.stepInEpoch] as Batch, parameters);
  const progress = (state.epoch + state.stepInEpoch / batches.length) / recipe.epochs;
  const learningRate = learningRateAt({ step: state.step, progress }, recipe);
  const updates = state.learners.map((learner, index) => {
    const context = contexts[index] as LearnerContext;
    return updateLearner(learner, gradientOf(gradients, index, context.layout.length), { ...context, learningRate });
  });
  const reports = updates.map(({ report }) => report);
  const losses = reports.map(({ loss, skipped }) => (skipped ? null : loss));
  const complete = state.stepInEpoch + 1 === batches.length;
  const step = state.step + 1;
  const after = {
    ...state,
    step,
    epoch: complete ? state.epoch + 1 : state.epoch,
    stepInEpoch: complete ? 0 : state.stepInEpoch + 1,
    learners: updates.map(({ learner }) => learner),
    history: { ...state.history, losses: [...state.history.losses, { step, losses }] },
  };
  return { state: after, learningRate, reports };
}

function gradientOf({ lossSums, tokenCounts, gradients }: GradientResult, index: number, length: number): LearnerGradient {
  const [lossSum, tokenCount, gradient] = [lossSums[index], tokenCounts[index], gradients[index]];
  if (lossSum === undefined || tokenCount === undefined || gradient === undefined) {
    throw new FloraAsrError('argument_invalid', `The gradients of a step lack those of learner ${index}.`);
  }
  if (gradient !== null && gradient.length !== length) {
    throw new FloraAsrError(
      'argument_invalid',
      `The gradient of learner ${index} has ${gradient.length} entries, expected one for each of ${length} parameters.`,
    );
  }
  return { lossSum, tokenCount, gradient };
}
