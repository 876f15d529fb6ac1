import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitWords } from '../../../asr/decoding/words.ts';
import type { TokenId } from '../../../asr/whisper/config.ts';

/** A vocabulary of byte sequences, which need be no whole characters. */
function vocabulary(pieces: readonly (string | readonly number[])[]) {
  const bytes = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece)));
  const decode = (tokens: readonly TokenId[]) => Buffer.concat(tokens.map((token) => bytes[token] as Buffer)).toString('utf8');
  return { tokens: pieces.map((_, index) => index as TokenId), decode };
}

function split(pieces: readonly (string | readonly number[])[], whisperCode = 'es') {
  const { tokens, decode } = vocabulary(pieces);
  return splitWords(tokens, { decode, whisperCode });
}

const textsOf = (words: readonly { readonly text: string }[]) => words.map(({ text }) => text);

describe('splitWords', () => {
  it('begins a word at each blank, and joins what has none', () => {
    expect(textsOf(split([' La', ' vie', 'ja', ' muñ', 'eca']))).toEqual([' La', ' vieja', ' muñeca']);
  });

  it('writes punctuation at the word it belongs to, whose spoken part stays as it is', () => {
    const words = split([' ¿', 'Qué', ' hora', ' es', '?', ' "', 'Sí', '"', ',', ' dijo', '.']);
    expect(textsOf(words)).toEqual([' ¿Qué', ' hora', ' es?', ' "Sí",', ' dijo.']);
    expect(words[2]).toMatchObject({ firstToken: 3, endToken: 5, spoken: { firstToken: 3, endToken: 4 } });
  });

  it('counts each character as a word in languages without blanks', () => {
    expect(textsOf(split(['今日', 'は', '。'], 'ja'))).toEqual(['今日', 'は。']);
    expect(textsOf(split(['今日', 'は'], 'es'))).toEqual(['今日は']);
  });

  it('gives a token that is no whole character to the word that completes it', () => {
    const [first, ...rest] = Buffer.from('Ѫ');
    const words = split([' а', [0x20, first ?? 0], rest, ' б'], 'bg');
    expect(words).toMatchObject([
      { text: ' а', firstToken: 0, endToken: 1 },
      { text: ' Ѫ', firstToken: 1, endToken: 3 },
      { text: ' б', firstToken: 3, endToken: 4 },
    ]);
  });

  it('gives bytes that nothing completes to the last word', () => {
    const words = split([' а', [0xd1]], 'bg');
    expect(words).toMatchObject([{ text: ' а\uFFFD', firstToken: 0, endToken: 2 }]);
    expect(textsOf(split([[0xd1]], 'bg'))).toEqual(['\uFFFD']);
  });

  it('has no words of no tokens', () => {
    expect(split([])).toEqual([]);
  });

  it('joins to what the tokens say, leaves no token out, and has no empty word', () => {
    const piece = fc.oneof(
      fc.constantFrom(' ', ' a', 'b', ' ¿', '?', '.', ' "', '"', ' …', '-', 'ñ', '字', ' Ѫ'),
      fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => [...bytes]),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom('es', 'zh'), (pieces, whisperCode) => {
        const { tokens, decode } = vocabulary(pieces);
        const words = splitWords(tokens, { decode, whisperCode });
        expect(textsOf(words).join('')).toBe(decode(tokens));
        let next = 0;
        for (const { firstToken, endToken, spoken } of words) {
          expect(firstToken).toBe(next);
          expect(endToken).toBeGreaterThan(firstToken);
          expect(spoken.firstToken >= firstToken && spoken.endToken <= endToken).toBe(true);
          next = endToken;
        }
        expect(next).toBe(tokens.length);
      }),
    );
  });
});
