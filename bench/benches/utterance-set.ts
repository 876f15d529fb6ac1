import { FloraAsrError } from '../../kernels/errors.ts';
import type { Corpus, Utterance } from '../corpora/corpus.ts';
import { mean } from '../metrics/statistics.ts';

export interface SetChoice {
  readonly languages: readonly string[];
  readonly perLanguage: number;
}

/**
 * The first test utterances of each language in the order of their paths, language after language.
 * @throws FloraAsrError `argument_invalid` if a language has fewer
 */
export function firstTestUtterances(corpus: Corpus, choice: SetChoice): readonly Utterance[] {
  return choice.languages.flatMap((language) => testUtterances(corpus, language, choice).slice(0, choice.perLanguage));
}

/**
 * Test utterances of each language at equal distances in the order of their paths: all kinds of pictures, and so
 * about the length of all.
 * @throws FloraAsrError `argument_invalid` if a language has fewer
 */
export function spreadTestUtterances(corpus: Corpus, choice: SetChoice): readonly Utterance[] {
  const { languages, perLanguage } = choice;
  return languages.flatMap((language) => {
    const all = testUtterances(corpus, language, choice);
    return Array.from({ length: perLanguage }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / perLanguage)] as Utterance);
  });
}

function testUtterances(corpus: Corpus, language: string, { perLanguage }: SetChoice): readonly Utterance[] {
  const all = corpus.utterances({ languages: [language], split: 'test' });
  if (all.length >= perLanguage) return all;
  throw new FloraAsrError('argument_invalid', `${language} has ${all.length} test utterances, not ${perLanguage}`);
}

/** One of each group in turn, so that neighbours differ: a, b, c, a, b, c, … */
export function interleaved<Item>(items: readonly Item[], groupOf: (item: Item) => string): readonly Item[] {
  const turns = new Map<string, number>();
  const ranked = items.map((item) => {
    const turn = turns.get(groupOf(item)) ?? 0;
    turns.set(groupOf(item), turn + 1);
    return { item, turn };
  });
  return ranked.sort((left, right) => left.turn - right.turn).map(({ item }) => item);
}

/**
 * A few that stand for all: the items by size, cut into as many strata of nearly equal counts, and of each the one
 * nearest to its mean. Mean and spread of the sizes stay close to those of all.
 */
export function representatives<Item>(items: readonly Item[], count: number, sizeOf: (item: Item) => number): readonly Item[] {
  const bySize = [...items].sort((left, right) => sizeOf(left) - sizeOf(right));
  const taken = Math.min(count, bySize.length);
  return Array.from({ length: taken }, (_, i) => {
    const bound = (stratum: number) => Math.round((stratum * bySize.length) / taken);
    const stratum = bySize.slice(bound(i), bound(i + 1));
    const middle = mean(stratum.map(sizeOf));
    const distance = (item: Item) => Math.abs(sizeOf(item) - middle);
    return stratum.reduce((nearest, item) => (distance(item) < distance(nearest) ? item : nearest));
  });
}
