import { loopRecipe } from '../../../adapters/training/loop-recipe.ts';
import { percent } from '../../benches/text-table.ts';
import type { AugmentationRecipe } from '../../training/augmentation-recipe.ts';
import type { RunRecipe } from '../../training/run-recipe.ts';

/** A recipe as sentences, one for each part of it. */
export function recipeWords(recipe: RunRecipe): readonly string[] {
  return [
    learners(recipe),
    ...teaching(recipe),
    optimiser(recipe),
    ending(recipe),
    examples(recipe),
    recipe.augmentation === null ? 'Recordings were taken as they are.' : augmentation(recipe.augmentation),
  ];
}

function learners({ languages, texts, initial, seed }: RunRecipe): string {
  const together =
    languages.length === 1
      ? 'It was trained by itself'
      : `Adapters for ${languages.join(', ')} were trained at once, their utterances in shared batches`;
  const what =
    texts === 'teacher'
      ? `One adapter was trained for all of ${languages.join(', ')}, from the texts that the base model hears at 30 s`
      : `${together}, from transcripts`;
  const begun = initial === null ? 'beginning as the base model' : 'beginning with adapters that were trained before';
  return `${what}, ${begun}; seed ${seed}.`;
}

function teaching({ teaching: taught }: RunRecipe): readonly string[] {
  if (taught === null) return [];
  const { tokenShare, hiddenWeight } = taught;
  return [
    `The base model at 30 s was its teacher: ${percent(tokenShare)} of the target distribution is the teacher's, and the ` +
      `distance from its encoder's hidden states counts with weight ${hiddenWeight} beside the loss.`,
  ];
}

function optimiser({ kind, loop, labelSmoothing }: RunRecipe): string {
  const { peakLearningRate, warmupSteps, weightDecay, maxGradientNorm, averageDecay } = loopRecipe(kind, loop);
  const clipped = maxGradientNorm === null ? '' : `, gradients clipped to a norm of ${maxGradientNorm}`;
  const averaged = averageDecay === null ? '' : `; a moving average of the parameters was kept (decay ${averageDecay})`;
  return (
    `AdamW at a learning rate of up to ${peakLearningRate}, after ${warmupSteps} steps of warm-up; weight decay ${weightDecay} ` +
    `towards the base model; label smoothing ${labelSmoothing}${clipped}${averaged}.`
  );
}

function ending({ kind, loop }: RunRecipe): string {
  const { epochs, patience, alphas } = loopRecipe(kind, loop);
  const early = patience === null ? '' : `, fewer if ${patience} measurements in a row brought no gain`;
  const strength = alphas.length === 1 ? '' : `; its strength was chosen there too, of ${alphas.join(', ')}`;
  return `${epochs === 1 ? '1 epoch' : `${epochs} epochs`}${early}. Of the parameters that were measured, those with the lowest dev WER are kept${strength}.`;
}

function examples({ tailPositions, fullShare, concatenation: { share, seconds } }: RunRecipe): string {
  return (
    `Utterances are encoded at their own length and ${tailPositions} positions (${(tailPositions * 0.02).toFixed(2)} s) more, ` +
    `${percent(fullShare)} of the batches at 30 s; ${percent(share)} of the examples are several utterances in a row, ` +
    `up to ${seconds[1]} s.`
  );
}

function augmentation(recipe: AugmentationRecipe): string {
  const changes = Object.entries(recipe).flatMap(([name, { probability }]) =>
    probability > 0 ? [`${NAMES[name as keyof AugmentationRecipe]} (${Math.round(100 * probability)} %)`] : [],
  );
  return `Recordings were changed by chance: ${changes.join(', ')}.`;
}

const NAMES: Readonly<Record<keyof AugmentationRecipe, string>> = {
  trim: 'quiet ends cut off',
  speed: 'speed',
  pad: 'quiet added at the ends',
  equaliser: 'equaliser',
  room: 'room',
  noise: 'noise',
  lowPass: 'low pass',
  gain: 'gain',
  telephone: 'telephone',
  warp: 'warped frequencies',
  masks: 'masked frames and frequencies',
};
