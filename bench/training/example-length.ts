import type { WhisperConfig } from '../../asr/whisper/config.ts';
import type { AugmentationRecipe } from './augmentation-recipe.ts';
import { concatenatedLength, drawGaps } from './concatenate.ts';
import { exampleRandom } from './example-spec.ts';
import type { Range } from './random-choices.ts';
import { drawTiming, type LengthBounds, timedLength } from './timing.ts';
import { fewestSamples, longestUtterance } from './training-tokens.ts';

/** What the length of an example follows from. */
export interface ExampleMeasure {
  readonly seed: number;
  /** of its parts */
  readonly sampleCounts: readonly number[];
  /** of all of them, without end-of-text */
  readonly textTokens: number;
}

/** How long an example may become: long enough for decoding to allow its text, and no longer than the encoder is. */
export function exampleBounds(textTokens: number, config: WhisperConfig): LengthBounds {
  const most = longestUtterance(config);
  return { least: fewestSamples(textTokens, config) ?? most, most };
}

/** The samples of an example, as its seed will make it; trimming makes it shorter. Draws as `composeExample` does. */
export function exampleLength(
  { seed, sampleCounts, textTokens }: ExampleMeasure,
  { augmentation, gapMs }: { readonly augmentation: AugmentationRecipe | null; readonly gapMs: Range },
  config: WhisperConfig,
): number {
  const random = exampleRandom(seed);
  const length = concatenatedLength(sampleCounts, drawGaps(sampleCounts.length, gapMs, random.joining));
  if (augmentation === null) return length;
  return timedLength(length, drawTiming(augmentation, random.signal), exampleBounds(textTokens, config));
}
