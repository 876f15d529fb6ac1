import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignWords } from '../../../bench/metrics/align-words.ts';
import { countEdits } from '../../../bench/metrics/wer.ts';

const kindsOf = (reference: string, hypothesis: string) =>
  alignWords(reference.split(' '), hypothesis.split(' ')).map(({ kind }) => kind);

describe('an alignment of words', () => {
  it('tells what was heard in place of what', () => {
    expect(alignWords(['un', 'sombrero', 'azul'], ['un', 'sombrío', 'azul', 'claro'])).toEqual([
      { kind: 'right', reference: 'un', hypothesis: 'un' },
      { kind: 'substitution', reference: 'sombrero', hypothesis: 'sombrío' },
      { kind: 'right', reference: 'azul', hypothesis: 'azul' },
      { kind: 'insertion', reference: null, hypothesis: 'claro' },
    ]);
  });

  it('has the most words right where several are equally short', () => {
    expect(kindsOf('a b', 'b a')).toEqual(['insertion', 'right', 'deletion']);
  });

  it('of nothing heard is all deletions, of nothing said all insertions', () => {
    expect(alignWords(['a', 'b'], []).map(({ kind }) => kind)).toEqual(['deletion', 'deletion']);
    expect(alignWords([], ['a']).map(({ kind }) => kind)).toEqual(['insertion']);
  });

  it('reads as both texts, and has the edits that are counted', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(words, words, (reference, hypothesis) => {
        const aligned = alignWords(reference, hypothesis);
        expect(aligned.flatMap((word) => word.reference ?? [])).toEqual(reference);
        expect(aligned.flatMap((word) => word.hypothesis ?? [])).toEqual(hypothesis);
        const count = (kind: string) => aligned.filter((word) => word.kind === kind).length;
        expect(countEdits(reference, hypothesis)).toEqual({
          substitutions: count('substitution'),
          deletions: count('deletion'),
          insertions: count('insertion'),
          referenceLength: reference.length,
        });
      }),
    );
  });
});
