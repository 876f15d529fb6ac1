import { describe, expect, it } from 'vitest';
import { type DetectionScope, detectableLanguages } from '../../server/detectable-languages.ts';
import { tinyAdapter } from '../support/tiny-whisper.ts';

const SCOPE: DetectionScope = {
  detectLanguages: [],
  languageDefaults: { '*': 'medical', fr: 'medical' },
  adapters: [
    tinyAdapter({ name: 'greek-stamps', seed: 1, language: 'el' }),
    tinyAdapter({ name: 'greek-stamps', version: '1.10.0', seed: 2, language: 'el' }),
    tinyAdapter({ name: 'medical', seed: 3 }),
  ],
};

describe('a language that nobody says is found', () => {
  it('among those that have an adapter, and English', () => {
    expect(detectableLanguages(SCOPE)).toEqual(['el', 'en', 'fr']);
  });

  it('among all that the model knows, where no adapter has one', () => {
    expect(detectableLanguages({ ...SCOPE, languageDefaults: {}, adapters: [] })).toEqual([]);
    const any = [tinyAdapter({ name: 'medical', seed: 3 })];
    expect(detectableLanguages({ ...SCOPE, languageDefaults: { '*': 'medical' }, adapters: any })).toEqual([]);
  });

  it('among those that the operator says, or all', () => {
    expect(detectableLanguages({ ...SCOPE, detectLanguages: ['es', 'de', 'es'] })).toEqual(['es', 'de']);
    expect(detectableLanguages({ ...SCOPE, detectLanguages: ['all'] })).toEqual([]);
  });
});
