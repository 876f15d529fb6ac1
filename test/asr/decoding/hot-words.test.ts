import { describe, expect, it } from 'vitest';
import { favourHotWords, hotWordTrees } from '../../../asr/decoding/hot-words.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';

/** A letter, or a blank with the letter behind it, for each token. */
const VOCABULARY = ['a', 'b', 'c', ' a', ' b', ' c', ' '];
const encode = (text: string) => (text.match(/ ?[abc]| /g) ?? []).map((piece) => VOCABULARY.indexOf(piece) as TokenId);

/** What is favoured after a text, by token: nothing, a little to begin, or more to go on. */
function favoured(phrases: readonly string[], said: string, unspaced = false): Readonly<Record<string, 'begins' | 'goes on'>> {
  const mask = new Float32Array(VOCABULARY.length);
  favourHotWords(hotWordTrees(phrases, { encode, unspaced }), encode(said), mask);
  const [least = 0] = [...mask].filter((bonus) => bonus > 0).toSorted((left, right) => left - right);
  return Object.fromEntries(
    VOCABULARY.flatMap((token, id) => {
      const bonus = mask[id] ?? 0;
      return bonus === 0 ? [] : [[token, bonus > 1.5 || bonus > least ? 'goes on' : 'begins']];
    }),
  );
}

describe('favourHotWords', () => {
  it('favours a phrase’s first token a little, within a text only behind a blank', () => {
    expect(favoured(['ab'], '')).toEqual({ a: 'begins', ' a': 'begins' });
    expect(favoured(['ab'], ' c')).toEqual({ ' a': 'begins' });
  });

  it('favours what continues a phrase more, and nothing once it is said or left', () => {
    expect(favoured(['abc'], ' c a')).toEqual({ ' a': 'begins', b: 'goes on' });
    expect(favoured(['abc'], ' c ab')).toEqual({ ' a': 'begins', c: 'goes on' });
    expect(favoured(['abc'], ' c abc')).toEqual({ ' a': 'begins' });
    expect(favoured(['abc'], ' c ac')).toEqual({ ' a': 'begins' });
  });

  it('follows several phrases at once, those that begin within others too', () => {
    expect(favoured(['a b', 'b c'], ' a b')).toEqual({ ' a': 'begins', ' b': 'begins', ' c': 'goes on' });
    expect(favoured(['ab', 'ac'], ' a')).toEqual({ ' a': 'begins', b: 'goes on', c: 'goes on' });
  });

  it('lets phrases begin anywhere in languages that are written without blanks', () => {
    expect(favoured(['ab'], 'c', true)).toEqual({ a: 'begins', ' a': 'begins' });
    expect(favoured(['ab'], 'ca', true)).toMatchObject({ b: 'goes on' });
  });

  it('leaves what is masked masked', () => {
    const mask = new Float32Array(VOCABULARY.length).fill(Number.NEGATIVE_INFINITY);
    favourHotWords(hotWordTrees(['ab'], { encode, unspaced: false }), [], mask);
    expect([...mask].every((value) => value === Number.NEGATIVE_INFINITY)).toBe(true);
  });
});
