import { z } from 'zod';
import type { TrainedTarget } from '../../adapters/training/parameter-layout.ts';
import type { WhisperConfig } from '../../asr/whisper/config.ts';
import { whisperTargets } from '../../asr/whisper/targets.ts';
import { augmentationSchema, DEFAULT_RECIPE } from './augmentation-recipe.ts';
import { DEFAULT_LIMITS } from './plan-batches.ts';
import { concatenationSchema, DEFAULT_CONCATENATION } from './plan-epoch.ts';

const rank = z.int().min(1).max(64);
const count = z.int().min(1);

/**
 * Everything that decides what a run makes of its data, apart from the data: plain JSON, kept in the adapters it makes.
 * The loop's own part is completed by `loopRecipe`.
 */
export const trainingRecipeSchema = z
  .strictObject({
    kind: z.enum(['flora', 'ia3', 'lora']),
    ranks: z
      .strictObject({
        /** of the targets that run over audio: the encoder's, and the keys and values of cross-attention */
        audio: rank,
        /** of the decoder's others */
        text: rank,
      })
      .readonly(),
    seed: z.int().min(0),
    labelSmoothing: z.number().min(0).lt(1),
    /** encoder positions behind an utterance's own */
    tailPositions: z.int().min(0).max(1_500),
    /** of the batches: encoded at 30 s */
    fullShare: z.number().min(0).max(1),
    limits: z.strictObject({ positions: count, squaredPositions: count, targetTokens: count }).readonly(),
    concatenation: concatenationSchema,
    /** null: recordings as they are */
    augmentation: augmentationSchema.nullable(),
    /** how much the base model at full context has to say; null: it is not asked */
    teaching: z
      .strictObject({
        /** its share of the target distribution, the rest being the text's */
        tokenShare: z.number().min(0).max(1),
        /** weight of the distance from its encoder's hidden states, beside the token loss */
        hiddenWeight: z.number().min(0),
      })
      .readonly()
      .nullable(),
    /** of the loop, as `loopRecipe` takes them */
    loop: z.record(z.string(), z.json()).readonly(),
  })
  .readonly();

export type TrainingRecipe = z.output<typeof trainingRecipeSchema>;

/** What the repository's adapters are trained with, where their cards do not say otherwise. */
export const DEFAULT_TRAINING: TrainingRecipe = {
  kind: 'flora',
  ranks: { audio: 1, text: 1 },
  seed: 1,
  labelSmoothing: 0.05,
  tailPositions: 32,
  fullShare: 0.1,
  limits: DEFAULT_LIMITS,
  concatenation: DEFAULT_CONCATENATION,
  augmentation: DEFAULT_RECIPE,
  teaching: null,
  loop: {},
};

/** All linear layers, each at its rank. */
export function trainedTargets(config: WhisperConfig, { ranks }: Pick<TrainingRecipe, 'ranks'>): readonly TrainedTarget[] {
  const { encoder, decoder } = whisperTargets(config);
  return [
    ...encoder.map((target) => ({ ...target, rank: ranks.audio })),
    ...decoder.map((target) => ({ ...target, rank: ranks.text })),
  ];
}
