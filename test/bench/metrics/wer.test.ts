import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseText } from '../../../bench/metrics/normalise.ts';
import { characterErrors, editDistance, errorRatePercent, sumEdits, wordErrors } from '../../../bench/metrics/wer.ts';

/** [reference, hypothesis, jiwer's word edits, jiwer's character edits], by jiwer 4.0.0. */
const JIWER: readonly (readonly [string, string, number, number])[] = [
  ['una enfermera', 'una enfermera', 0, 0],
  ['un sombrero azul', 'un sombrero azul grande', 1, 7],
  ['la casa del cazador', 'casa del casador', 2, 4],
  ['одна большая голубая цапля', 'большая голубая цапля летит', 2, 11],
  ['o ceașcă de cafea espresso', 'o ciașcă de cafia', 3, 11],
  ['το κόκκινο φανάρι', '', 3, 17],
  ['a b c d e f', 'b c x d f g', 4, 5],
  ['un poisson papillon', 'un poisson papier papier papier papier papier', 5, 30],
  ['el gat', 'elgat', 2, 1],
  ['a b', 'b a', 2, 2],
  ['one two three four', 'four three two one', 4, 13],
  ['η γυναίκα που χορεύει', 'γυνέκα που χωρίζει με', 4, 10],
];
const JIWER_CORPUS_WER_PERCENT = 76.190476;
const JIWER_CORPUS_CER_PERCENT = 56.923077;

describe('word and character errors', () => {
  it.each(JIWER)('agree with jiwer on "%s" heard as "%s"', (reference, hypothesis, words, characters) => {
    expect(editDistance(wordErrors(reference, hypothesis))).toBe(words);
    expect(editDistance(characterErrors(reference, hypothesis))).toBe(characters);
  });

  it('add up over a corpus as jiwer does', () => {
    const words = sumEdits(JIWER.map(([reference, hypothesis]) => wordErrors(reference, hypothesis)));
    const characters = sumEdits(JIWER.map(([reference, hypothesis]) => characterErrors(reference, hypothesis)));
    expect(errorRatePercent(words)).toBeCloseTo(JIWER_CORPUS_WER_PERCENT, 5);
    expect(errorRatePercent(characters)).toBeCloseTo(JIWER_CORPUS_CER_PERCENT, 5);
  });

  it('tell substitutions, deletions and insertions apart', () => {
    const substitution = wordErrors('a b c', 'a x c');
    expect(substitution).toEqual({ substitutions: 1, deletions: 0, insertions: 0, referenceLength: 3 });
    expect(wordErrors('a b c', 'a c')).toMatchObject({ substitutions: 0, deletions: 1, insertions: 0 });
    expect(wordErrors('a b c', 'a b x y c')).toMatchObject({ substitutions: 0, deletions: 0, insertions: 2 });
  });

  it('count the alignment with the most words right where several are equally short', () => {
    expect(wordErrors('a b', 'b a')).toMatchObject({ substitutions: 0, deletions: 1, insertions: 1 });
  });

  it('count code points, not UTF-16 units', () => {
    expect(characterErrors('𝄞', 'a')).toMatchObject({ substitutions: 1, referenceLength: 1 });
  });

  it('of an empty reference are its insertions', () => {
    expect(wordErrors('', '')).toEqual({ substitutions: 0, deletions: 0, insertions: 0, referenceLength: 0 });
    expect(errorRatePercent(wordErrors('', 'a b'))).toBe(200);
    expect(errorRatePercent(wordErrors('', ''))).toBe(0);
  });

  it('make up the difference in length, swap sides with their texts, and never exceed the longer one', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(text, text, (reference, hypothesis) => {
        const there = wordErrors(reference, hypothesis);
        const back = wordErrors(hypothesis, reference);
        expect(there.deletions - there.insertions).toBe(there.referenceLength - back.referenceLength);
        expect([back.deletions, back.insertions]).toEqual([there.insertions, there.deletions]);
        expect(editDistance(there)).toBeLessThanOrEqual(Math.max(there.referenceLength, back.referenceLength));
      }),
    );
  });
});

describe('normalised text', () => {
  it('is lower case, without punctuation, words one space apart', () => {
    expect(normaliseText('  Tux : la mascotte de Linux !')).toBe('tux la mascotte de linux');
    expect(normaliseText('fer-ho,\nl’Àvia')).toBe('fer ho l àvia');
  });

  it('keeps letters, marks and numbers of every script', () => {
    expect(normaliseText('25 ЦЕНТАЎ — ½ हिन्दी')).toBe('25 центаў ½ हिन्दी');
  });

  it('is the same for composed and decomposed letters', () => {
    expect(normaliseText('Cafe\u0301')).toBe(normaliseText('Caf\u00e9'));
    expect(normaliseText('İstanbul')).toBe(normaliseText('I\u0307stanbul'));
  });

  it('does not change when normalised again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(normaliseText(normaliseText(text))).toBe(normaliseText(text));
      }),
    );
  });
});
