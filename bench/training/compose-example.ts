import { realFrames } from '../../asr/features/log-mel.ts';
import type { TrainingRow } from '../../asr/training/training-row.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { augment } from './augment-audio.ts';
import type { AugmentationRecipe } from './augmentation-recipe.ts';
import { concatenate } from './concatenate.ts';
import { exampleBounds } from './example-length.ts';
import { type ExampleSpec, exampleRandom } from './example-spec.ts';
import { type Example, type PrepareOptions, prepareExample } from './prepare-examples.ts';
import { type Random, type Range, whole } from './random-choices.ts';
import { sayableText } from './sayable-text.ts';
import { augmentFeatures } from './spec-augment.ts';

/** The utterances that specs speak of. */
export interface ExampleSource {
  readonly count: number;
  /** reads its audio; a fresh array */
  readonly open: (index: number) => Example;
}

export interface ComposeOptions extends PrepareOptions {
  readonly augmentation: AugmentationRecipe | null;
  readonly gapMs: Range;
}

/** So many are drawn to speak in the background. */
const BACKGROUND_VOICES = 5;

/**
 * Makes the row that a spec describes: joins its parts, changes how they sound, and prepares them. The same spec and
 * utterances give the same row, whatever was made before.
 * @throws FloraAsrError as `prepareExample`
 */
export function composeExample(spec: ExampleSpec, source: ExampleSource, options: ComposeOptions): TrainingRow {
  const { augmentation, gapMs, config } = options;
  const random = exampleRandom(spec.seed);
  const parts = spec.parts.map((index) => source.open(index)).map((part) => ({ ...part, text: sayableText(part.text) }));
  const [first] = parts;
  if (first === undefined) throw new FloraAsrError('argument_invalid', 'An example must have at least one part.');
  const { samples, text } = parts.length === 1 ? first : concatenate(parts, gapMs, random.joining);
  const { language } = first;
  if (augmentation === null) return prepareExample({ samples, text, language }, options);
  const heard = augment(samples, augmentation, random.signal, {
    others: () => background(source, random.others),
    bounds: exampleBounds(spec.targetTokens - 1, config),
  });
  const row = prepareExample({ samples: heard, text, language }, options);
  return { ...row, mel: augmentFeatures(row.mel, realFrames(heard.length), augmentation, random.features) };
}

function background(source: ExampleSource, random: Random): readonly Float32Array[] {
  return Array.from({ length: BACKGROUND_VOICES }, () => source.open(whole(random, [0, source.count - 1])).samples);
}
