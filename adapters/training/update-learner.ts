import { FloraAsrError } from '../../kernels/errors.ts';
import { adamWUpdate } from './adam-w.ts';
import { clipScale, gradientNorm } from './clip.ts';
import type { LoopRecipe } from './loop-recipe.ts';
import { averageDecayAt, updateAverage } from './moving-average.ts';
import type { ParameterLayout } from './parameter-layout.ts';
import type { LearnerStep } from './training-events.ts';
import type { LearnerState } from './training-state.ts';

/** What a batch says to one learner. */
export interface LearnerGradient {
  /** summed over its target tokens */
  readonly lossSum: number;
  readonly tokenCount: number;
  /** of the mean loss; null if no row of the batch is the learner's. Only read. */
  readonly gradient: Float32Array | null;
}

/** What stays the same over a run. */
export interface LearnerContext {
  readonly layout: ParameterLayout;
  /** see identityParameters */
  readonly identity: Float32Array;
  readonly recipe: LoopRecipe;
}

/**
 * One update of one learner: clip, AdamW, average. Its arrays are changed in place, unless loss or gradient is
 * not finite: then they stay as they are.
 * @throws FloraAsrError `training_diverged` when more updates in a row are not finite than the recipe allows
 */
export function updateLearner(
  learner: LearnerState,
  { lossSum, tokenCount, gradient }: LearnerGradient,
  { layout, identity, recipe, learningRate }: LearnerContext & { readonly learningRate: number },
): { readonly learner: LearnerState; readonly report: LearnerStep } {
  if (gradient === null || tokenCount === 0) {
    return { learner, report: { learner: learner.name, loss: null, gradientNorm: null, skipped: false } };
  }
  const loss = lossSum / tokenCount;
  const norm = gradientNorm(gradient, layout.trained);
  const report = { learner: learner.name, loss, gradientNorm: norm };
  if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
    return { learner: skip(learner, recipe, `loss ${loss}, gradient norm ${norm}`), report: { ...report, skipped: true } };
  }
  const { parameters: values, moments, average } = learner;
  const update = learner.updates + 1;
  const gradientScale = clipScale(norm, recipe.maxGradientNorm);
  adamWUpdate({ values, gradient, moments, update, learningRate, gradientScale, identity, trained: layout.trained }, recipe);
  if (average !== null) updateAverage(average, values, averageDecayAt(update, recipe.averageDecay ?? 0));
  return { learner: { ...learner, updates: update, skipsInARow: 0 }, report: { ...report, skipped: false } };
}

function skip(learner: LearnerState, { maxSkipsInARow, peakLearningRate }: LoopRecipe, found: string): LearnerState {
  const skipsInARow = learner.skipsInARow + 1;
  if (skipsInARow <= maxSkipsInARow) return { ...learner, skipsInARow };
  throw new FloraAsrError(
    'training_diverged',
    `Learner ${learner.name} had no finite update in ${skipsInARow} steps of its own (now ${found}). ` +
      `Take a peak learning rate below ${peakLearningRate}, or look for broken examples among its data.`,
  );
}
