import { FloraAsrError } from '../../kernels/errors.ts';
import { type Moments, zeroMoments } from './adam-w.ts';
import type { LoopRecipe } from './loop-recipe.ts';
import { checkLength, type ParameterLayout } from './parameter-layout.ts';

/** One adapter that a run trains. */
export interface Learner {
  /** unique within the run, e.g. its language */
  readonly name: string;
  readonly layout: ParameterLayout;
  /** where it begins; copied */
  readonly initial: Float32Array;
}

/** The parameters of a learner with the lowest dev WER so far. */
export interface BestParameters {
  readonly parameters: Float32Array;
  /** dev WER, as a fraction */
  readonly wer: number;
  /** updates of the run until then, and epochs that were complete */
  readonly step: number;
  readonly epoch: number;
}

/** What a learner has learned. The arrays are live: each update changes them. */
export interface LearnerState {
  readonly name: string;
  readonly parameters: Float32Array;
  /** moving average of the parameters; null if the recipe has none */
  readonly average: Float32Array | null;
  readonly moments: Moments;
  /** of this learner; batches without a row of it are not counted, nor skipped ones */
  readonly updates: number;
  readonly skipsInARow: number;
  /** null until the first measurement */
  readonly best: BestParameters | null;
}

/** Mean loss of each learner's tokens in a step's batch; null without rows of it, or if it was skipped. */
export interface LossRecord {
  readonly step: number;
  readonly losses: readonly (number | null)[];
}

/** Dev WER of each learner, as fractions. */
export interface MeasurementRecord {
  readonly step: number;
  /** complete epochs */
  readonly epoch: number;
  readonly wers: readonly number[];
}

/** How a run went so far; learners in the run's order. */
export interface TrainingHistory {
  readonly losses: readonly LossRecord[];
  readonly measurements: readonly MeasurementRecord[];
}

/** Everything that the rest of a run depends on: continued from it, a run equals one without a break, bit for bit. */
export interface TrainingState {
  /** batches that are done, of the whole run and of the epoch that is not complete */
  readonly step: number;
  readonly stepInEpoch: number;
  /** complete epochs */
  readonly epoch: number;
  /** the step of the last measurement; null if there was none */
  readonly measuredStep: number | null;
  readonly measurementsWithoutGain: number;
  readonly learners: readonly LearnerState[];
  readonly history: TrainingHistory;
}

/** @throws FloraAsrError `argument_invalid` without learners, or if names repeat or arrays do not fit their layouts */
export function initialState(learners: readonly Learner[], { averageDecay }: LoopRecipe): TrainingState {
  const names = learners.map(({ name }) => name);
  if (names.length === 0) throw new FloraAsrError('argument_invalid', 'There is no learner to train.');
  if (new Set(names).size < names.length) {
    throw new FloraAsrError('argument_invalid', `Learners need different names, not ${names.join(', ')}.`);
  }
  return {
    step: 0,
    stepInEpoch: 0,
    epoch: 0,
    measuredStep: null,
    measurementsWithoutGain: 0,
    learners: learners.map(({ name, layout, initial }) => {
      checkLength(layout, initial);
      return {
        name,
        parameters: initial.slice(),
        average: averageDecay === null ? null : initial.slice(),
        moments: zeroMoments(layout.length),
        updates: 0,
        skipsInARow: 0,
        best: null,
      };
    }),
    history: { losses: [], measurements: [] },
  };
}

/**
 * A state as the rest of its run takes it.
 * @throws FloraAsrError `checkpoint_incompatible` if it has other learners, other parameters, or an average where
 *   the recipe has none or the other way round
 */
export function continuedState(state: TrainingState, learners: readonly Learner[], recipe: LoopRecipe): TrainingState {
  const expected = learners.map(({ name, layout }) => `${name} with ${layout.length} parameters`).join(', ');
  const found = state.learners.map(({ name, parameters }) => `${name} with ${parameters.length} parameters`).join(', ');
  if (found !== expected) {
    throw new FloraAsrError('checkpoint_incompatible', `The run trains ${found}; it cannot go on with ${expected}.`);
  }
  if (state.learners.every(({ average }) => (average === null) === (recipe.averageDecay === null))) return state;
  throw new FloraAsrError(
    'checkpoint_incompatible',
    'The run keeps an average of the parameters, or none; averageDecay differs.',
  );
}

/** The parameters that are measured and kept: the average where there is one. */
export function measuredParameters({ average, parameters }: LearnerState): Float32Array {
  return average ?? parameters;
}
