import type { Corpus } from '../corpora/corpus.ts';

/** Where a run's utterances come from, and of which languages; null: of all that it trains. */
export interface DataSource {
  /** of a corpus, or the path of a manifest or folder */
  readonly name: string;
  readonly languages: readonly string[] | null;
}

/** `NAME`, or `NAME:el,es` for some of its languages. */
export function parseDataSource(source: string): DataSource {
  const [, name = source, languages] = /^(.+):([a-z]{2,3}(?:,[a-z]{2,3})*)$/.exec(source) ?? [];
  return { name, languages: languages?.split(',') ?? null };
}

/** The corpus without its other languages. */
export function corpusOfLanguages(corpus: Corpus, chosen: readonly string[]): Corpus {
  const ours = (language: string) => chosen.includes(language);
  return {
    name: corpus.name,
    languages: corpus.languages.filter(ours),
    utterances: ({ languages = corpus.languages, ...selection } = {}) =>
      corpus.utterances({ ...selection, languages: languages.filter(ours) }),
    samples: (utterance) => corpus.samples(utterance),
  };
}
