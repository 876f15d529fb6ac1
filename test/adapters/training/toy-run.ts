import { initialParameters } from '../../../adapters/training/initial-parameters.ts';
import { type LoopRecipe, loopRecipe } from '../../../adapters/training/loop-recipe.ts';
import { parameterLayout, type TrainedTarget } from '../../../adapters/training/parameter-layout.ts';
import type { TrainingOptions } from '../../../adapters/training/train.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';

export const FC1: TrainedTarget = { name: 'model.encoder.layers.0.fc1', inDim: 3, outDim: 5, rank: 1 };
export const Q_PROJ: TrainedTarget = { name: 'model.decoder.layers.0.self_attn.q_proj', inDim: 4, outDim: 4, rank: 1 };

/** A batch of no rows but noise: how far off its optimum is, and which learners have rows in it. */
export interface ToyBatch {
  readonly noise: number;
  readonly rows: readonly boolean[];
}

const LEARNERS = [
  { name: 'el', layout: parameterLayout('flora', [{ ...FC1, rank: 2 }, Q_PROJ]) },
  { name: 'ca', layout: parameterLayout('ia3', [FC1]) },
  { name: 'ro', layout: parameterLayout('lora', [{ ...Q_PROJ, rank: 2 }]) },
];

/** Three learners whose loss is half the squared distance from a point of each; dev WER is that distance, in hundredths. */
export function toyRun(changes: Partial<LoopRecipe> = {}): TrainingOptions<ToyBatch> {
  const recipe = loopRecipe('flora', { epochs: 3, peakLearningRate: 0.05, warmupSteps: 4, ...changes });
  const random = seededRandom(7);
  const learners = LEARNERS.map((learner) => ({ ...learner, initial: initialParameters(learner.layout, random) }));
  const optima = learners.map(({ initial }) => initial.map((value) => value + random() - 0.5));
  return {
    learners,
    recipe,
    epochs: { batches: async (epoch) => toyBatches(epoch) },
    computeGradients: async ({ noise, rows }, parameters) => {
      const gradients = parameters.map((values, index) =>
        rows[index] === true ? values.map((value, i) => value - (optima[index]?.[i] ?? 0) + noise) : null,
      );
      const lossSums = gradients.map((gradient) => 4 * (gradient?.reduce((sum, slope) => sum + slope ** 2 / 2, 0) ?? 0));
      return { lossSums, tokenCounts: gradients.map((gradient) => (gradient === null ? 0 : 4)), gradients };
    },
    measureDev: async (parameters) =>
      parameters.map((values, index) => {
        const squares = values.reduce((sum, value, i) => sum + (value - (optima[index]?.[i] ?? 0)) ** 2, 0);
        return Math.sqrt(squares) / 100;
      }),
    saveCheckpoint: () => undefined,
  };
}

/** As many as the epoch's number says, so that epochs differ. */
function toyBatches(epoch: number): readonly ToyBatch[] {
  const random = seededRandom(100 + epoch);
  return Array.from({ length: 5 + epoch }, () => ({
    noise: 0.2 * (random() - 0.5),
    rows: LEARNERS.map((_, index) => index === 0 || random() < 0.7),
  }));
}
