import { FloraAsrError } from '../../kernels/errors.ts';
import { type AlphaWer, chooseAlpha, measureAlphas } from './choose-alpha.ts';
import { identityParameters } from './initial-parameters.ts';
import { interpolate } from './interpolate.ts';
import type { LoopRecipe } from './loop-recipe.ts';
import { type MeasureDev, measureState } from './measure-dev.ts';
import { type ComputeGradients, trainStep } from './train-step.ts';
import type { TrainingEvent } from './training-events.ts';
import {
  type BestParameters,
  continuedState,
  initialState,
  type Learner,
  type TrainingHistory,
  type TrainingState,
} from './training-state.ts';

export interface EpochSource<Batch> {
  /** At least one. The same number gives the same batches, in a later process too. */
  batches(epoch: number): Promise<readonly Batch[]>;
}

export interface TrainingOptions<Batch> {
  readonly learners: readonly Learner[];
  readonly recipe: LoopRecipe;
  readonly epochs: EpochSource<Batch>;
  readonly computeGradients: ComputeGradients<Batch>;
  readonly measureDev: MeasureDev;
  /** how strengths are measured at the end; `measureDev` if left out */
  readonly measureAlpha?: MeasureDev | undefined;
  /** The state's arrays are live: they are valid until the promise settles. */
  readonly saveCheckpoint: (state: TrainingState) => Promise<void> | void;
  /** to continue from, see checkpoint.ts; its arrays become the run's own */
  readonly resumeFrom?: TrainingState | null | undefined;
  /** ends the run after the step that is under way, with a checkpoint; a measurement may end with it, or fail */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
}

export interface TrainedLearner {
  readonly name: string;
  /** the best ones, at strength `alpha` */
  readonly parameters: Float32Array;
  readonly alpha: number;
  /** of these parameters on dev, as a fraction */
  readonly wer: number;
  readonly best: BestParameters;
  readonly alphas: readonly AlphaWer[];
}

export type TrainingOutcome =
  | { readonly status: 'trained'; readonly learners: readonly TrainedLearner[]; readonly history: TrainingHistory }
  /** by its signal; the last checkpoint continues it */
  | { readonly status: 'stopped'; readonly history: TrainingHistory };

/**
 * Trains several adapters at once, on batches that mix their rows. Each step: gradients, and for each learner
 * on its own clipping and AdamW. Dev WER is measured now and then, the best parameters of each learner are
 * kept, and at the end a strength is chosen for each.
 *
 * What comes next depends on the state alone, so that a run may stop between any two steps and be continued
 * from its checkpoint with the same result, bit for bit.
 * @throws FloraAsrError `training_diverged`, before anything is written; `argument_invalid` if what was passed in
 *   does not fit together; `checkpoint_incompatible` if the state to continue from is of another run
 */
export async function train<Batch>(options: TrainingOptions<Batch>): Promise<TrainingOutcome> {
  const { learners, recipe, signal, resumeFrom = null } = options;
  const report = options.onEvent ?? (() => undefined);
  const contexts = learners.map(({ layout }) => ({ layout, identity: identityParameters(layout), recipe }));
  const batchesOf = keepingEpoch(options.epochs);
  let state = resumeFrom === null ? initialState(learners, recipe) : continuedState(resumeFrom, learners, recipe);
  let saved = resumeFrom;
  const save = async () => {
    if (saved === state) return;
    await options.saveCheckpoint(state);
    saved = state;
    report({ type: 'checkpoint', step: state.step, epoch: state.epoch });
  };
  while (signal?.aborted !== true) {
    const next = whatComesNext(state, recipe);
    if (next === 'measure') {
      const measured = await unlessStopped(signal, measureState(state, options.measureDev));
      if (measured === null) continue;
      state = measured;
      report(measurementOf(state));
      await save();
    } else if (next === 'step') {
      const batches = await batchesOf(state);
      const { state: after, learningRate, reports } = await trainStep(state, { ...options, batches, contexts });
      state = after;
      report({ type: 'step', step: state.step, epoch: state.epoch, learningRate, learners: reports });
      if (recipe.checkpointEverySteps !== null && state.step % recipe.checkpointEverySteps === 0) await save();
    } else {
      if (next === 'patience_ended') report({ type: next, step: state.step, epoch: state.epoch });
      const trained = await unlessStopped(signal, chooseStrengths(state, options));
      if (trained !== null) return { status: 'trained', learners: trained, history: state.history };
    }
  }
  await save();
  return { status: 'stopped', history: state.history };
}

/** @returns null for work that failed once the signal was given: it will be done again */
async function unlessStopped<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (signal?.aborted === true) return null;
    throw error;
  }
}

type NextAction = 'measure' | 'step' | 'epochs_ended' | 'patience_ended';

/** The last step of an epoch completes it, so between two epochs no step of the next is done. */
function whatComesNext(state: TrainingState, recipe: LoopRecipe): NextAction {
  const { step, stepInEpoch, epoch, measuredStep } = state;
  const { epochs, measureEverySteps, measureInitial, patience } = recipe;
  const ended = epoch >= epochs;
  if (measuredStep !== step) {
    const due = measureEverySteps === null ? stepInEpoch === 0 : step % measureEverySteps === 0;
    if (ended || (due && (step > 0 || measureInitial))) return 'measure';
  }
  if (ended) return 'epochs_ended';
  if (patience !== null && state.measurementsWithoutGain >= patience) return 'patience_ended';
  return 'step';
}

/** Batches of the epoch that is not complete; an epoch is asked for once. */
function keepingEpoch<Batch>(source: EpochSource<Batch>): (state: TrainingState) => Promise<readonly Batch[]> {
  let kept: { readonly epoch: number; readonly batches: readonly Batch[] } | null = null;
  return async ({ epoch, stepInEpoch }) => {
    if (kept?.epoch !== epoch) kept = { epoch, batches: await source.batches(epoch) };
    const { batches } = kept;
    if (batches.length > stepInEpoch) return batches;
    if (batches.length === 0) throw new FloraAsrError('argument_invalid', `Epoch ${epoch} has no batches.`);
    throw new FloraAsrError(
      'checkpoint_incompatible',
      `The run was stopped after batch ${stepInEpoch} of an epoch that has ${batches.length} now; its data have changed.`,
    );
  };
}

function measurementOf({ step, epoch, learners, history }: TrainingState): TrainingEvent {
  const wers = history.measurements.at(-1)?.wers ?? [];
  return {
    type: 'measurement',
    step,
    epoch,
    learners: learners.map(({ name, best }, index) => ({
      learner: name,
      wer: wers[index] ?? Number.NaN,
      best: best?.step === step,
    })),
  };
}

/** @returns null if the signal ended it */
async function chooseStrengths<Batch>(
  { learners, epoch }: TrainingState,
  { learners: plans, recipe, signal, onEvent, measureDev, measureAlpha = measureDev }: TrainingOptions<Batch>,
): Promise<readonly TrainedLearner[] | null> {
  const candidates = learners.map(({ name, best }, index) => {
    // unreachable: no run ends before a measurement
    if (best === null) throw new FloraAsrError('argument_invalid', `Learner ${name} was never measured.`);
    return { name, best, parameters: best.parameters, layout: (plans[index] as Learner).layout };
  });
  const measured = await measureAlphas({
    learners: candidates,
    alphas: recipe.alphas,
    epoch,
    measure: measureAlpha,
    onMeasured: (alpha, wers) =>
      onEvent?.({
        type: 'alpha_measured',
        alpha,
        wers: candidates.map(({ name }, index) => ({ learner: name, wer: wers[index] ?? Number.NaN })),
      }),
    signal,
  });
  if (measured === null) return null;
  return candidates.map(({ name, best, layout }, index) => {
    const alphas = measured[index] ?? [];
    const { alpha, wer } = chooseAlpha(alphas, recipe.alphaTolerance);
    return { name, parameters: interpolate(layout, best.parameters, alpha), alpha, wer, best, alphas };
  });
}
