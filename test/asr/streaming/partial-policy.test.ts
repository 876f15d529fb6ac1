import { describe, expect, it } from 'vitest';
import { createPartialPolicy, type Hypothesis, nextHypothesis } from '../../../asr/streaming/partial-policy.ts';
import { recognised } from '../../support/spoken-words.ts';

/** Words of 300 ms each, heard until so long after the last. */
function said(words: string, afterMs = 500, before: Hypothesis | null = null): Hypothesis {
  const { words: spoken } = recognised(words);
  return nextHypothesis({ words: spoken, heardMs: (spoken.at(-1)?.endMs ?? 0) + afterMs }, before);
}

/** With these probabilities instead of their own. */
function sure(hypothesis: Hypothesis, probabilities: readonly number[]): Hypothesis {
  const words = hypothesis.words.map((word, index) => ({ ...word, probability: probabilities[index] ?? word.probability }));
  return { ...hypothesis, words };
}

describe('agreement', () => {
  const policy = createPartialPolicy({ kind: 'agreement', spanMs: 0, confidence: 0 });

  it('shows all words at once, and makes stable what two hypotheses in a row begin with', () => {
    const first = said('el perro come');
    expect(policy(first)).toEqual({ shown: 3, stable: 0 });
    expect(policy(said('el perro corre mucho', 500, first))).toEqual({ shown: 4, stable: 2 });
    expect(policy(said('un perro corre mucho', 500, first))).toEqual({ shown: 4, stable: 0 });
  });

  it('takes a word for another one if it is written in another way', () => {
    expect(policy(said('el perro, come', 500, said('el perro come', 400)))).toMatchObject({ stable: 1 });
    expect(policy(said('el Perro come', 500, said('el perro come', 400)))).toMatchObject({ stable: 1 });
  });

  it('does not show a last word that touches the end of the audio: it may go on', () => {
    const cut = said('el perro', 0);
    expect(policy(cut)).toEqual({ shown: 1, stable: 0 });
    expect(policy(said('el perro', 50, cut))).toEqual({ shown: 1, stable: 1 });
  });

  it('asks for agreement over the whole of its span, without a hypothesis between that says otherwise', () => {
    const patient = createPartialPolicy({ kind: 'agreement', spanMs: 400, confidence: 0 });
    const first = said('el perro', 100);
    const second = said('el perro', 300, first);
    expect(patient(second)).toEqual({ shown: 2, stable: 0 });
    expect(patient(said('el perro', 500, second))).toEqual({ shown: 2, stable: 2 });
    const other = said('el puerro', 300, first);
    expect(patient(said('el perro', 500, other))).toEqual({ shown: 2, stable: 1 });
    expect(patient(said('el perro', 700, said('el perro', 500, other)))).toEqual({ shown: 2, stable: 1 });
    expect(patient(said('el perro', 900, said('el perro', 500, other)))).toEqual({ shown: 2, stable: 2 });
  });

  it('shows before agreement only what the model is sure of, up to the first word that it is not', () => {
    const confident = createPartialPolicy({ kind: 'agreement', spanMs: 0, confidence: 0.7 });
    const first = said('el perro come', 400);
    expect(confident(sure(first, [0.9, 0.6, 0.9]))).toEqual({ shown: 1, stable: 0 });
    expect(confident(sure(first, [0.6, 0.9, 0.9]))).toEqual({ shown: 0, stable: 0 });
    expect(confident(sure(said('el perro corre', 500, first), [0.1, 0.1, 0.7]))).toEqual({ shown: 3, stable: 2 });
  });
});

describe('attention', () => {
  const policy = createPartialPolicy({ kind: 'attention', marginMs: 400, confidence: 0 });

  it('makes stable at once what was said before its margin, whatever came before, and shows more', () => {
    expect(policy(said('el perro come', 100))).toEqual({ shown: 3, stable: 2 });
    expect(policy(said('el perro come', 100, said('otra cosa')))).toEqual({ shown: 3, stable: 2 });
    expect(policy(said('el perro come', 400))).toEqual({ shown: 3, stable: 3 });
    expect(policy(said('el perro come', 0))).toEqual({ shown: 2, stable: 1 });
  });

  it('has nothing of no words', () => {
    expect(policy(said(''))).toEqual({ shown: 0, stable: 0 });
  });
});
