import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beforeRepetition } from '../../../asr/streaming/repetition.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { recognised } from '../../support/spoken-words.ts';

function kept(written: string): number {
  const { words, tokens } = recognised(written);
  return beforeRepetition(words, tokens, words.length);
}

describe('what is kept before a repetition', () => {
  it('is everything where nothing is repeated', () => {
    expect(kept('')).toBe(0);
    expect(kept('el perro come y el gato')).toBe(6);
  });

  it('is a phrase once, where the words end in it twice or more', () => {
    expect(kept('gracias gracias')).toBe(1);
    expect(kept('el perro come el perro come el perro come')).toBe(3);
    expect(kept('Muchas gracias. muchas gracias, Muchas Gracias')).toBe(2);
    expect(kept('no, no, no')).toBe(1);
  });

  it('is a repetition as well, once something else has been said', () => {
    expect(kept('no, no, no, otra')).toBe(4);
  });

  it('is not a word that loops within itself', () => {
    const tokens = [1, 2, ...Array.from({ length: 12 }, () => 3)] as TokenId[];
    const words = [
      { text: 'el', endToken: 2 },
      { text: ' jajajajajaja', endToken: 14 },
    ];
    expect(beforeRepetition(words, tokens, 2)).toBe(1);
  });

  it('grows by no more than a phrase while a phrase is said over and over', () => {
    const phrase = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(phrase, fc.integer({ min: 2, max: 6 }), (words, times) => {
        const said = Array.from({ length: times }, () => words.join(' ')).join(' ');
        expect(kept(said)).toBe(words.length);
      }),
    );
  });
});
