import type { EpochSource } from '../../adapters/training/train.ts';
import type { TaughtRow } from '../../asr/training/gradient-runner.ts';
import { seededRandom } from '../benches/draw.ts';
import { composeExample } from './compose-example.ts';
import { type PlannedBatch, planBatches } from './plan-batches.ts';
import { planEpoch } from './plan-epoch.ts';
import { exampleSource, type TrainingData } from './training-data.ts';
import type { TrainingRecipe } from './training-recipe.ts';
import type { TextModel } from './training-tokens.ts';

/** An odd constant that spreads consecutive numbers over all seeds. */
const SPREAD = 0x9e3779b1;

/** An epoch's batches, planned from the recipe's seed and the epoch's number alone; audio is read when a batch's turn comes. */
export function epochSource(
  train: TrainingData['train'],
  recipe: TrainingRecipe,
  { config }: TextModel,
): EpochSource<PlannedBatch> {
  const { augmentation, concatenation, tailPositions, limits, fullShare, seed } = recipe;
  return {
    batches: async (epoch) => {
      const random = seededRandom(seed ^ Math.imul(epoch + 1, SPREAD));
      const specs = planEpoch(train, { augmentation, concatenation, tailPositions, config }, random);
      return planBatches(specs, { limits, fullShare, fullContext: config.maxContext }, random);
    },
  };
}

/** Makes a planned batch's rows. */
export function rowsOf(
  train: TrainingData['train'],
  { augmentation, concatenation, tailPositions }: TrainingRecipe,
  model: TextModel,
): (batch: PlannedBatch) => readonly TaughtRow[] {
  const source = exampleSource(train);
  return ({ context, specs }) => {
    const options = {
      ...model,
      augmentation,
      gapMs: concatenation.gapMs,
      context: context === 'full' ? context : { tailPositions },
    };
    return specs.map((spec) => ({ learner: spec.learner, row: composeExample(spec, source, options) }));
  };
}
