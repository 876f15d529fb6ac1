import { describe, expect, it } from 'vitest';
import { score } from '../../../bench/metrics/score.ts';

const SEED = { seed: 1 };

describe('scores', () => {
  it('are rates of the sums, not means of the rates', () => {
    const scores = score(
      [
        { reference: 'uno', hypothesis: 'una' },
        { reference: 'uno dos tres', hypothesis: 'uno dos tres' },
      ],
      SEED,
    );
    expect(scores).toMatchObject({ wer: 0.25, substitutions: 1, deletions: 0, insertions: 0, words: 4, utterances: 2 });
    expect(scores.cer).toBeCloseTo(1 / 15, 12);
  });

  it('see case and punctuation in raw text only', () => {
    const scores = score([{ reference: 'Un sombrero, azul.', hypothesis: 'un sombrero azul' }], SEED);
    expect(scores).toMatchObject({ wer: 0, cer: 0, werRaw: 1, punctuationF1: 0 });
    expect(scores.cerRaw).toBeCloseTo(3 / 18, 12);
  });

  it('count a missing hypothesis as deletions', () => {
    expect(score([{ reference: 'a b c', hypothesis: null }], SEED)).toMatchObject({ wer: 1, cer: 1, deletions: 3, words: 3 });
  });

  it('exclude and count references of which nothing is left', () => {
    const pairs = [
      { reference: '…', hypothesis: 'words out of nowhere' },
      { reference: 'a', hypothesis: 'a' },
    ];
    expect(score(pairs, SEED)).toMatchObject({ wer: 0, utterances: 1, excluded: 1, insertions: 0 });
  });

  it('keep combining marks apart from letters without them, however they are composed', () => {
    expect(score([{ reference: 'हिन्दी', hypothesis: 'हनद' }], SEED).cer).toBeCloseTo(0.5, 12);
    expect(score([{ reference: 'cafe\u0301', hypothesis: 'café' }], SEED)).toMatchObject({ wer: 0, werRaw: 0 });
  });

  it('are unknown without words', () => {
    const { wer, interval } = score([], SEED);
    expect([wer, ...interval]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});
