import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WhisperConfig } from '../../../asr/whisper/config.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { DEFAULT_RECIPE } from '../../../bench/training/augmentation-recipe.ts';
import {
  concatenationSchema,
  DEFAULT_CONCATENATION,
  type PlannableUtterance,
  planEpoch,
} from '../../../bench/training/plan-epoch.ts';
import { mostTokens } from '../../../bench/training/training-tokens.ts';
import { TINY } from '../../support/tiny-whisper.ts';

const CONFIG: WhisperConfig = { ...TINY, maxContext: 1_500, maxTokens: 448 };
const RECIPE = { augmentation: DEFAULT_RECIPE, concatenation: DEFAULT_CONCATENATION, tailPositions: 32, config: CONFIG };

const utterance = fc
  .record({
    learner: fc.integer({ min: 0, max: 3 }),
    sampleCount: fc.integer({ min: 4_800, max: 15 * 16_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(
    ({ share, ...rest }): PlannableUtterance => ({
      ...rest,
      textTokens: Math.ceil(share * mostTokens(rest.sampleCount, CONFIG)),
    }),
  );

/** Like the recordings of short descriptions: 2 s, a dozen tokens. */
function typical(count: number): readonly PlannableUtterance[] {
  const random = seededRandom(8);
  return Array.from({ length: count }, (_, index) => {
    const sampleCount = Math.round(16_000 * (1 + 2 * random()));
    return { learner: index % 8, sampleCount, textTokens: 4 + Math.floor(sampleCount / 2_500) };
  });
}

describe('an epoch', () => {
  it('has each utterance exactly once, with others of its learner only', () => {
    fc.assert(
      fc.property(fc.array(utterance, { maxLength: 40 }), fc.integer(), (utterances, seed) => {
        const concatenation = { ...DEFAULT_CONCATENATION, share: 0.5 };
        const specs = planEpoch(utterances, { ...RECIPE, concatenation }, seededRandom(seed));
        const parts = specs.flatMap((spec) => spec.parts);
        expect(parts.toSorted((left, right) => left - right)).toEqual([...utterances.keys()]);
        for (const spec of specs) {
          const chosen = spec.parts.map((part) => utterances[part] as PlannableUtterance);
          expect(new Set(chosen.map(({ learner }) => learner))).toEqual(new Set([spec.learner]));
        }
      }),
    );
  });

  it('joins no more than 25 s with its gaps, and no more words than can be said in them', () => {
    fc.assert(
      fc.property(fc.array(utterance, { maxLength: 40 }), fc.integer(), (utterances, seed) => {
        const concatenation = { ...DEFAULT_CONCATENATION, share: 1 };
        const specs = planEpoch(utterances, { ...RECIPE, augmentation: null, concatenation }, seededRandom(seed));
        for (const { parts, targetTokens, context } of specs) {
          if (parts.length === 1) continue;
          const samples = parts.reduce((sum, part) => sum + (utterances[part] as PlannableUtterance).sampleCount, 0);
          expect(context - 32).toBeLessThanOrEqual(25 * 50);
          expect(context - 32).toBeGreaterThanOrEqual(Math.floor(samples / 320));
          expect(targetTokens - 1).toBeLessThanOrEqual(mostTokens(samples, CONFIG));
        }
      }),
    );
  });

  it('joins an eighth of its examples, of lengths up to 25 s, in all languages', () => {
    const specs = planEpoch(typical(4_000), RECIPE, seededRandom(1));
    const joined = specs.filter(({ parts }) => parts.length > 1);
    expect(joined.length / specs.length).toBeGreaterThan(0.1);
    expect(joined.length / specs.length).toBeLessThan(0.14);
    expect(Math.max(...joined.map(({ context }) => context))).toBeGreaterThan(20 * 50);
    expect(new Set(joined.map(({ learner }) => learner)).size).toBe(8);
  });

  it('is the same for the same seed; others differ; seeds of examples are their own', () => {
    const plan = (seed: number) => planEpoch(typical(200), RECIPE, seededRandom(seed));
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
    expect(new Set(plan(1).map(({ seed }) => seed)).size).toBe(plan(1).length);
  });
});

it('A recipe for joining comes back from JSON, and one that is turned around is refused', () => {
  expect(concatenationSchema.parse(JSON.parse(JSON.stringify(DEFAULT_CONCATENATION)))).toEqual(DEFAULT_CONCATENATION);
  expect(concatenationSchema.safeParse({ ...DEFAULT_CONCATENATION, seconds: [25, 3] }).success).toBe(false);
});
