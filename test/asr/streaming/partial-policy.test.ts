import { describe, expect, it } from 'vitest';
import { createPartialPolicy, type Hypothesis } from '../../../asr/streaming/partial-policy.ts';
import { recognised } from '../../support/spoken-words.ts';

/** Words of 300 ms each, heard until so long after the last. */
function hypothesis(words: string, afterMs = 500): Hypothesis {
  const { words: said } = recognised(words);
  return { words: said, heardMs: (said.at(-1)?.endMs ?? 0) + afterMs };
}

describe('agreement', () => {
  const policy = createPartialPolicy({ kind: 'agreement' });

  it('shows all words at once, and makes stable what two hypotheses in a row begin with', () => {
    const first = hypothesis('el perro come');
    expect(policy(first, null)).toEqual({ shown: 3, stable: 0 });
    expect(policy(hypothesis('el perro corre mucho'), first)).toEqual({ shown: 4, stable: 2 });
    expect(policy(hypothesis('un perro corre mucho'), first)).toEqual({ shown: 4, stable: 0 });
  });

  it('takes a word for another one if it is written in another way', () => {
    expect(policy(hypothesis('el perro, come'), hypothesis('el perro come'))).toMatchObject({ stable: 1 });
    expect(policy(hypothesis('el Perro come'), hypothesis('el perro come'))).toMatchObject({ stable: 1 });
  });

  it('does not show a last word that touches the end of the audio: it may go on', () => {
    const cut = hypothesis('el perro', 0);
    expect(policy(cut, null)).toEqual({ shown: 1, stable: 0 });
    expect(policy(cut, cut)).toEqual({ shown: 1, stable: 1 });
  });

  it('shows, and agrees on, only what its margin leaves', () => {
    const careful = createPartialPolicy({ kind: 'agreement', marginMs: 400 });
    const said = hypothesis('el perro come', 0);
    expect(careful(said, said)).toEqual({ shown: 1, stable: 1 });
  });
});

describe('attention', () => {
  const policy = createPartialPolicy({ kind: 'attention', marginMs: 400 });

  it('makes stable at once what was said before its margin, whatever came before, and shows more', () => {
    expect(policy(hypothesis('el perro come', 100), null)).toEqual({ shown: 3, stable: 2 });
    expect(policy(hypothesis('el perro come', 100), hypothesis('otra cosa'))).toEqual({ shown: 3, stable: 2 });
    expect(policy(hypothesis('el perro come', 400), null)).toEqual({ shown: 3, stable: 3 });
    expect(policy(hypothesis('el perro come', 0), null)).toEqual({ shown: 2, stable: 1 });
  });

  it('has nothing of no words', () => {
    expect(policy(hypothesis(''), null)).toEqual({ shown: 0, stable: 0 });
  });
});
