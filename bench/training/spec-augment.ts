import type { MelFrames } from '../../asr/features/mel-frames.ts';
import type { AugmentationRecipe } from './augmentation-recipe.ts';
import { type Random, uniform, whole } from './random-choices.ts';
import { warpMels } from './warp-mels.ts';

/** Part of a spectrogram, from (inclusive) to (exclusive). */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Features of another vocal tract, with parts blanked (SpecAugment, Park et al. 2019).
 * @param real frames of audio; what lies behind is padding, which stays 0.0
 * @returns a fresh array
 */
export function augmentFeatures(
  mel: MelFrames,
  real: number,
  { warp, masks }: Pick<AugmentationRecipe, 'warp' | 'masks'>,
  random: Random,
): MelFrames {
  const happens = ({ probability }: { readonly probability: number }) => random() < probability;
  const warped = happens(warp) ? warpMels(mel, uniform(random, warp.factor)) : mel;
  const masked = { ...warped, values: warped.values.slice() };
  if (!happens(masks)) return masked;
  const frames = Math.min(real, mel.frames);
  const fill = meanOf(masked, frames);
  for (let count = whole(random, masks.timeMasks); count > 0; count -= 1) {
    blank(masked, { from: 0, to: mel.mels }, drawSpan(frames, masks.mostTimeShare * frames, random), fill);
  }
  for (let count = whole(random, masks.melMasks); count > 0; count -= 1) {
    blank(masked, drawSpan(mel.mels, masks.mostMels, random), { from: 0, to: frames }, fill);
  }
  return masked;
}

/** Anywhere within `length`, at most `widest` wide. */
function drawSpan(length: number, widest: number, random: Random): Span {
  const width = whole(random, [0, Math.min(Math.floor(widest), length)]);
  const from = whole(random, [0, length - width]);
  return { from, to: from + width };
}

function blank({ values, frames }: MelFrames, bands: Span, time: Span, fill: number): void {
  for (let mel = bands.from; mel < bands.to; mel += 1) values.fill(fill, mel * frames + time.from, mel * frames + time.to);
}

function meanOf({ values, mels, frames }: MelFrames, real: number): number {
  let sum = 0;
  for (let mel = 0; mel < mels; mel += 1) {
    for (let index = mel * frames; index < mel * frames + real; index += 1) sum += values[index] as number;
  }
  return real === 0 ? 0 : sum / (mels * real);
}
