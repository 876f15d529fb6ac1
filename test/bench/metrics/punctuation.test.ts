import { describe, expect, it } from 'vitest';
import { punctuationCounts, punctuationF1, sumPunctuation } from '../../../bench/metrics/punctuation.ts';

describe('punctuation', () => {
  it('is right where the same mark stands at the same word', () => {
    expect(punctuationCounts('Hola, señora.', 'hola, Señora.')).toEqual({ right: 2, missed: 0, invented: 0 });
  });

  it('is missed, or invented, mark by mark', () => {
    expect(punctuationCounts('Hola, señora.', 'Hola señora!')).toEqual({ right: 0, missed: 2, invented: 1 });
  });

  it('is found again although words before it are wrong or missing', () => {
    expect(punctuationCounts('a b, c.', 'x, c.')).toEqual({ right: 2, missed: 0, invented: 0 });
    expect(punctuationCounts('one two three. Four.', 'two three. Four.')).toEqual({ right: 2, missed: 0, invented: 0 });
  });

  it('of words that were not heard is missed', () => {
    expect(punctuationCounts('one, two.', '')).toEqual({ right: 0, missed: 2, invented: 0 });
  });

  it('that opens belongs to the word behind it', () => {
    expect(punctuationCounts('Hola, ¿quién es?', 'Hola. ¿Quién es?')).toEqual({ right: 2, missed: 1, invented: 1 });
    expect(punctuationCounts('(uno)', '(uno)')).toEqual({ right: 2, missed: 0, invented: 0 });
  });

  it('does not tell kinds of quotes, dashes and dots apart, nor the Greek question mark from its twin', () => {
    expect(punctuationCounts('«Да» — так…', '„Да“ - так...')).toEqual({ right: 4, missed: 0, invented: 0 });
    expect(punctuationCounts('Τι;', 'Τι\u037e')).toEqual({ right: 1, missed: 0, invented: 0 });
  });

  it('within a word is spelling', () => {
    expect(punctuationCounts('l’àvia fer-ho', 'lavia ferho')).toEqual({ right: 0, missed: 0, invented: 0 });
  });

  it('has the harmonic mean of precision and recall', () => {
    // precision 3/4, recall 3/5
    expect(punctuationF1({ right: 3, missed: 2, invented: 1 })).toBeCloseTo(2 / (4 / 3 + 5 / 3), 12);
    expect(punctuationF1({ right: 0, missed: 0, invented: 0 })).toBeNaN();
    const sum = sumPunctuation([punctuationCounts('a.', 'a.'), punctuationCounts('b.', 'b')]);
    expect(sum).toEqual({ right: 1, missed: 1, invented: 0 });
  });
});
