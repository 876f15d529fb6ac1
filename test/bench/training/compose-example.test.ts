import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WhisperConfig } from '../../../asr/whisper/config.ts';
import type { TextTokenizer } from '../../../asr/whisper/tokenizer.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { DEFAULT_RECIPE } from '../../../bench/training/augmentation-recipe.ts';
import { composeExample, type ExampleSource } from '../../../bench/training/compose-example.ts';
import { DEFAULT_CONCATENATION, planEpoch } from '../../../bench/training/plan-epoch.ts';
import { prepareExample } from '../../../bench/training/prepare-examples.ts';
import { trainingTokens } from '../../../bench/training/training-tokens.ts';
import { TINY } from '../../support/tiny-whisper.ts';
import { speechLike } from './speech-like.ts';

const CONFIG: WhisperConfig = { ...TINY, maxContext: 1_500, maxTokens: 448 };
const TOKENIZER: TextTokenizer = {
  decode: () => '',
  encode: (text) => Array.from(text, (letter) => (letter === ' ' ? 1 : 2)) as ReturnType<TextTokenizer['encode']>,
};
const MODEL = { config: CONFIG, tokenizer: TOKENIZER };
const GAP_MS = DEFAULT_CONCATENATION.gapMs;

const UTTERANCES = Array.from({ length: 12 }, (_, index) => ({
  samples: speechLike({ seconds: 0.6 + 0.2 * index, quietSeconds: 0.1, seed: index }),
  // as many words as can be said, so that speed has to give way
  text: index % 3 === 0 ? 'a'.repeat(29 + 5 * index) : '- bb (cc): ',
  language: index % 2 === 0 ? 'el' : 'es',
}));
const SOURCE: ExampleSource = {
  count: UTTERANCES.length,
  open: (index) => {
    const utterance = UTTERANCES[index] as (typeof UTTERANCES)[number];
    return { ...utterance, samples: utterance.samples.slice() };
  },
};
const PLANNABLE = UTTERANCES.map(({ samples, text, language }) => {
  const result = trainingTokens(text, samples.length, MODEL);
  if (result.kind === 'refused') throw new Error(result.message);
  return { learner: language === 'el' ? 0 : 1, sampleCount: samples.length, textTokens: result.tokens.length };
});

function plan(seed: number, augmentation: typeof DEFAULT_RECIPE | null) {
  const concatenation = { ...DEFAULT_CONCATENATION, share: 0.5 };
  return planEpoch(PLANNABLE, { augmentation, concatenation, tailPositions: 32, config: CONFIG }, seededRandom(seed));
}

describe('an example that is made of its spec', () => {
  it('keeps what was planned: never a longer context, exactly its tokens', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(null, DEFAULT_RECIPE), (seed, augmentation) => {
        for (const spec of plan(seed, augmentation)) {
          const options = { ...MODEL, augmentation, gapMs: GAP_MS, context: { tailPositions: 32 } };
          const row = composeExample(spec, SOURCE, options);
          expect(row.context).toBeLessThanOrEqual(spec.context);
          if (augmentation === null) expect(row.context).toBe(spec.context);
          expect(row.targetTokens.filter((token) => token !== -1)).toHaveLength(spec.targetTokens);
          expect(row.mel.frames).toBe(2 * row.context);
          expect(row.mel.values.every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 5 },
    );
  });

  it('is the same each time, and another with another seed', () => {
    const options = { ...MODEL, augmentation: DEFAULT_RECIPE, gapMs: GAP_MS, context: 'full' as const };
    const [spec] = plan(1, DEFAULT_RECIPE);
    if (spec === undefined) throw new Error('The plan is empty.');
    expect(composeExample(spec, SOURCE, options)).toEqual(composeExample(spec, SOURCE, options));
    const rows = [1, 2, 3, 4].map((seed) => composeExample({ ...spec, seed }, SOURCE, options).mel.values.join());
    expect(new Set(rows).size).toBeGreaterThan(1);
  });

  it('is the utterance itself where nothing is changed', () => {
    const options = { ...MODEL, augmentation: null, gapMs: GAP_MS, context: { tailPositions: 32 } };
    const spec = { parts: [1], learner: 1, seed: 5, context: 0, targetTokens: 0 };
    expect(composeExample(spec, SOURCE, options)).toEqual(prepareExample(SOURCE.open(1), options));
  });
});
