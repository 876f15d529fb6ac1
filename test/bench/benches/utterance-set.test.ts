import { describe, expect, it } from 'vitest';
import {
  firstTestUtterances,
  interleaved,
  representatives,
  spreadTestUtterances,
  strataOf,
} from '../../../bench/benches/utterance-set.ts';
import type { Corpus, Utterance } from '../../../bench/corpora/corpus.ts';

function utterance(language: string, name: string): Utterance {
  const id = `${language}/${name}`;
  return { id, audioPath: id, text: name, language, split: 'test', spoken: true, durationSeconds: 1 };
}

const all = ['a', 'b', 'c'].flatMap((name) => ['el', 'fr'].map((language) => utterance(language, name)));
const corpus: Corpus = {
  name: 'sample',
  languages: ['el', 'fr'],
  utterances: ({ languages = [], split } = {}) => all.filter((one) => languages.includes(one.language) && one.split === split),
  samples: () => new Float32Array(1),
};

describe('choosing utterances', () => {
  it('takes the first test utterances of each language, in the order asked for', () => {
    const chosen = firstTestUtterances(corpus, { languages: ['fr', 'el'], perLanguage: 2 });
    expect(chosen.map(({ id }) => id)).toEqual(['fr/a', 'fr/b', 'el/a', 'el/b']);
  });

  it('takes them at equal distances', () => {
    const chosen = (perLanguage: number) => spreadTestUtterances(corpus, { languages: ['el'], perLanguage });
    expect(chosen(1).map(({ id }) => id)).toEqual(['el/b']);
    expect(chosen(2).map(({ id }) => id)).toEqual(['el/a', 'el/c']);
    expect(chosen(3)).toHaveLength(3);
  });

  it('refuses more than there are', () => {
    expect(() => firstTestUtterances(corpus, { languages: ['el'], perLanguage: 4 })).toThrow('el has 3 test utterances, not 4');
  });

  it('takes groups in turn', () => {
    expect(interleaved(['a1', 'a2', 'a3', 'b1', 'c1', 'c2'], (name) => name.charAt(0))).toEqual([
      'a1',
      'b1',
      'c1',
      'a2',
      'c2',
      'a3',
    ]);
  });
});

describe('a few that stand for all', () => {
  const sizeOf = (size: number) => size;
  const few = (sizes: readonly number[], count: number) => representatives(strataOf(sizes, count, sizeOf), sizeOf);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('are spread over the sizes', () => {
    expect(few([9, 1, 5, 2, 8, 3, 7, 4, 6], 3)).toEqual([2, 5, 8]);
  });

  it('have nearly the mean of all, of skewed sizes and of strata of two', () => {
    const skewed = Array.from({ length: 40 }, (_, i) => (i * i) / 10);
    expect(mean(few(skewed, 8))).toBeCloseTo(mean(skewed), 0);
    const pairs = [3, 4, 5, 17].flatMap((size) => [size, size + 8]);
    expect(Math.abs(mean(few(pairs, 4)) - mean(pairs))).toBeLessThan(1.5);
  });

  it('are all of them where no more are asked for', () => {
    expect(few([3, 1, 2], 5)).toEqual([1, 2, 3]);
    expect(few([], 5)).toEqual([]);
  });
});
