import { z } from 'zod';
import { contextFor } from '../../asr/features/context.ts';
import type { WhisperConfig } from '../../asr/whisper/config.ts';
import type { AugmentationRecipe } from './augmentation-recipe.ts';
import { concatenatedLength } from './concatenate.ts';
import { toSamples } from './edges.ts';
import { exampleLength } from './example-length.ts';
import type { ExampleSpec } from './example-spec.ts';
import { drawSeed, logUniform, type Random, shuffled } from './random-choices.ts';
import { mostTokens } from './training-tokens.ts';

/** As much of an utterance as a plan needs. */
export interface PlannableUtterance {
  /** whose adapter learns from it; utterances of one learner are of one language */
  readonly learner: number;
  readonly sampleCount: number;
  /** text tokens, without end-of-text; `trainingTokens` found that they fit */
  readonly textTokens: number;
}

/** How utterances are joined: a model that only ever heard short ones knows no long ones. */
export const concatenationSchema = z
  .strictObject({
    /** of the examples */
    share: z.number().min(0).max(1),
    /** the length aimed at is drawn from here, as often from 3 to 6 s as from 6 to 12 s; the upper end is never passed */
    seconds: z.tuple([z.number().positive(), z.number().max(30)]).readonly(),
    gapMs: z.tuple([z.number().min(0), z.number().max(2_000)]).readonly(),
  })
  .refine(({ seconds, gapMs }) => seconds[0] <= seconds[1] && gapMs[0] <= gapMs[1], 'expected the lower end first')
  .readonly();

export type ConcatenationRecipe = z.output<typeof concatenationSchema>;

export const DEFAULT_CONCATENATION: ConcatenationRecipe = { share: 0.12, seconds: [3, 25], gapMs: [50, 500] };

export interface EpochRecipe {
  /** null: recordings as they are */
  readonly augmentation: AugmentationRecipe | null;
  readonly concatenation: ConcatenationRecipe;
  readonly tailPositions: number;
}

interface EpochPlanning extends EpochRecipe {
  readonly config: WhisperConfig;
}

/**
 * One pass over all utterances: each is in exactly one example, alone or joined with others of its learner.
 * @param random of the epoch: the same draws give the same plan
 * @returns in an order of chance
 */
export function planEpoch(
  utterances: readonly PlannableUtterance[],
  planning: EpochPlanning,
  random: Random,
): readonly ExampleSpec[] {
  const specs: ExampleSpec[] = [];
  for (const [learner, indices] of byLearner(utterances)) {
    const groups = joinSome(shuffled(random, indices), utterances, planning, random);
    for (const parts of groups) specs.push(specOf(parts, learner, utterances, planning, drawSeed(random)));
  }
  return shuffled(random, specs);
}

function byLearner(utterances: readonly PlannableUtterance[]): ReadonlyMap<number, readonly number[]> {
  const result = new Map<number, number[]>();
  utterances.forEach(({ learner }, index) => {
    const indices = result.get(learner) ?? [];
    indices.push(index);
    result.set(learner, indices);
  });
  return result;
}

/** Takes the utterances in their order, each alone or with those behind it. */
function joinSome(
  indices: readonly number[],
  utterances: readonly PlannableUtterance[],
  { concatenation: { share, seconds, gapMs }, config }: EpochPlanning,
  random: Random,
): readonly (readonly number[])[] {
  const fits = (parts: readonly number[], mostSeconds: number) => {
    const { sampleCounts, textTokens } = measured(parts, utterances);
    const spoken = concatenatedLength(sampleCounts, []);
    const longest = concatenatedLength(
      sampleCounts,
      parts.slice(1).map(() => gapMs[1]),
    );
    return longest <= toSamples(1000 * mostSeconds) && textTokens <= mostTokens(spoken, config);
  };
  const groups: number[][] = [];
  for (let at = 0; at < indices.length; ) {
    const parts = [indices[at] as number];
    if (random() < share) {
      const aimedSeconds = logUniform(random, seconds);
      // the second comes in whatever was aimed at, or there would be fewer than asked for
      for (let next = indices[at + 1]; next !== undefined; next = indices[at + parts.length]) {
        if (!fits([...parts, next], parts.length === 1 ? seconds[1] : aimedSeconds)) break;
        parts.push(next);
      }
    }
    groups.push(parts);
    at += parts.length;
  }
  return groups;
}

function specOf(
  parts: readonly number[],
  learner: number,
  utterances: readonly PlannableUtterance[],
  { augmentation, concatenation: { gapMs }, tailPositions, config }: EpochPlanning,
  seed: number,
): ExampleSpec {
  const measure = { seed, ...measured(parts, utterances) };
  const samples = exampleLength(measure, { augmentation, gapMs }, config);
  const context = contextFor(samples, tailPositions, config.maxContext);
  return { parts, learner, seed, context, targetTokens: measure.textTokens + 1 };
}

function measured(parts: readonly number[], utterances: readonly PlannableUtterance[]) {
  const chosen = parts.map((index) => utterances[index] as PlannableUtterance);
  return {
    sampleCounts: chosen.map(({ sampleCount }) => sampleCount),
    textTokens: chosen.reduce((sum, { textTokens }) => sum + textTokens, 0),
  };
}
