import { describe, expect, it } from 'vitest';
import type { Corpus, Utterance } from '../../../bench/corpora/corpus.ts';
import { corpusOfLanguages, parseDataSource } from '../../../bench/training/data-source.ts';

function corpusOf(languages: readonly string[]): Corpus {
  const all = languages.map((language): Utterance => {
    const audioPath = `${language}/a.wav`;
    return { id: audioPath, audioPath, text: 'a', language, split: 'train', spoken: true, durationSeconds: 1 };
  });
  return {
    name: 'some',
    languages,
    utterances: ({ languages: wanted, split } = {}) =>
      all.filter((one) => (wanted?.includes(one.language) ?? true) && (split === undefined || one.split === split)),
    samples: () => new Float32Array(16_000),
  };
}

describe('a source of training data', () => {
  it('may be limited to some of its languages', () => {
    expect(parseDataSource('asterisk')).toEqual({ name: 'asterisk', languages: null });
    expect(parseDataSource('asterisk:es,fr')).toEqual({ name: 'asterisk', languages: ['es', 'fr'] });
  });

  it('may be a path with a colon in it', () => {
    expect(parseDataSource('C:/speech/own.jsonl')).toEqual({ name: 'C:/speech/own.jsonl', languages: null });
    expect(parseDataSource('/speech/a:b/own.jsonl')).toEqual({ name: '/speech/a:b/own.jsonl', languages: null });
  });

  it('has no utterances of the others then, whoever asks for them', () => {
    const corpus = corpusOfLanguages(corpusOf(['el', 'es', 'ru']), ['es', 'ru']);
    const languagesOf = (utterances: readonly Utterance[]) => utterances.map(({ language }) => language);
    expect(corpus.languages).toEqual(['es', 'ru']);
    expect(languagesOf(corpus.utterances())).toEqual(['es', 'ru']);
    expect(languagesOf(corpus.utterances({ languages: ['el', 'ru'], split: 'train' }))).toEqual(['ru']);
  });
});
