import { describe, expect, it } from 'vitest';
import { languageChoices, mostProbable } from '../../../asr/engine/language-detection.ts';
import { codeOf } from '../../adapters/sample-adapters.ts';
import { TINY } from '../../support/tiny-whisper.ts';

// el, es, fr
const LOG_PROBS = [-3, -4, -1];

describe('detecting a language', () => {
  it('chooses the most probable of those that it may be, whose probabilities sum to 1', () => {
    const detected = mostProbable(languageChoices(TINY, ['es', 'el']), LOG_PROBS);
    expect(detected.language).toBe('el');
    expect(detected.probability).toBeCloseTo(1 / (1 + Math.exp(-1)));
    expect(detected.probabilities).toEqual({ es: expect.closeTo(1 / (1 + Math.E)), el: detected.probability });
  });

  it('chooses among all that the model knows where none are given', () => {
    const { language, probabilities } = mostProbable(languageChoices(TINY, []), LOG_PROBS);
    expect(language).toBe('fr');
    expect(Object.keys(probabilities)).toEqual(['el', 'es', 'fr']);
  });

  it('tells tags as they were written, the first of those that are one language to the model', () => {
    const choices = languageChoices(TINY, ['es-419', 'es', 'fr-CA']);
    expect(choices.map(({ tag }) => tag)).toEqual(['es-419', 'fr-CA']);
    expect(mostProbable(choices, LOG_PROBS).language).toBe('fr-CA');
  });

  it('has sound probabilities where all are tiny', () => {
    expect(mostProbable(languageChoices(TINY, ['el']), [-2_000, 0, 0]).probability).toBe(1);
  });

  it('refuses a language that the model does not know', () => {
    expect(codeOf(() => languageChoices(TINY, ['el', 'tlh']))).toBe('language_unknown');
  });
});
