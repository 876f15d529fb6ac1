import type { EpochSource } from '../../adapters/training/train.ts';
import type { TaughtRow } from '../../asr/training/gradient-runner.ts';
import type { Teacher } from '../../asr/training/teacher.ts';
import { seededRandom } from '../benches/draw.ts';
import type { AugmentationRecipe } from './augmentation-recipe.ts';
import { composeExample } from './compose-example.ts';
import type { ExampleSpec } from './example-spec.ts';
import { type PlannedBatch, planBatches } from './plan-batches.ts';
import { planEpoch } from './plan-epoch.ts';
import type { ExampleContext } from './prepare-examples.ts';
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

export interface RowMaking extends TextModel {
  /** null: nobody is asked */
  readonly teacher: Teacher | null;
}

/** Makes a planned batch's rows, and asks the teacher what it makes of them at full context. */
export function rowsOf(
  train: TrainingData['train'],
  recipe: TrainingRecipe,
  { teacher, ...model }: RowMaking,
): (batch: PlannedBatch) => Promise<readonly TaughtRow[]> {
  const source = exampleSource(train);
  const { augmentation, concatenation, tailPositions } = recipe;
  const compose = (spec: ExampleSpec, context: ExampleContext, heard: AugmentationRecipe | null) =>
    composeExample(spec, source, { ...model, augmentation: heard, gapMs: concatenation.gapMs, context });
  return async ({ context, specs }) => {
    const rows: TaughtRow[] = [];
    for (const spec of specs) {
      const row = compose(spec, context === 'full' ? context : { tailPositions }, augmentation);
      const own = { learner: spec.learner, row };
      if (teacher === null) rows.push(own);
      else {
        const { context: spoken } = compose(spec, { tailPositions: 0 }, unmasked(augmentation));
        rows.push({ ...own, teacher: await teacher.statesOf(compose(spec, 'full', unmasked(augmentation)), spoken) });
      }
    }
    return rows;
  };
}

/** The same sound, whole: a teacher knows more than its pupil. */
function unmasked(augmentation: AugmentationRecipe | null): AugmentationRecipe | null {
  if (augmentation === null) return null;
  const { masks, warp } = augmentation;
  return { ...augmentation, masks: { ...masks, probability: 0 }, warp: { ...warp, probability: 0 } };
}
