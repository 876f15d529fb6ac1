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

/** Items by size, cut into so many strata of nearly equal counts; as many as there are items at most. */
export function strataOf<Item>(items: readonly Item[], count: number, sizeOf: (item: Item) => number): readonly Item[][] {
  const bySize = [...items].sort((left, right) => sizeOf(left) - sizeOf(right));
  const strata = Math.min(count, bySize.length);
  const bound = (stratum: number) => Math.round((stratum * bySize.length) / strata);
  return Array.from({ length: strata }, (_, stratum) => bySize.slice(bound(stratum), bound(stratum + 1)));
}

/**
 * One of each stratum, so that together they stand for all: what one misses of its stratum's mean size, the next ones
 * make up for, and so the mean of those taken is close to the mean of all.
 */
export function representatives<Item>(strata: readonly (readonly Item[])[], sizeOf: (item: Item) => number): readonly Item[] {
  let missed = 0;
  return strata.flatMap((stratum) => {
    const wanted = mean(stratum.map(sizeOf)) + missed;
    const distance = (item: Item) => Math.abs(sizeOf(item) - wanted);
    const [first, ...others] = stratum;
    if (first === undefined) return [];
    const taken = others.reduce((nearest, item) => (distance(item) < distance(nearest) ? item : nearest), first);
    missed = wanted - sizeOf(taken);
    return [taken];
  });
}
