import { describe, expect, it } from 'vitest';
import type { Word } from '../../../client/web/captions/transcript.ts';
import { wordPieces } from '../../../client/web/captions/word-pieces.ts';

function words(...texts: readonly string[]): readonly Word[] {
  return texts.map((text, index) => ({ text, start: index, end: index + 1, confidence: 1 }));
}

describe('the pieces of a text', () => {
  it.each([
    ['Un sombrero azul.', ['Un', ' sombrero', ' azul.'], ['Un', ' ', 'sombrero', ' ', 'azul.']],
    ['東京都', ['東京', '都'], ['東京', '都']],
    ['no no', ['no', 'no'], ['no', ' ', 'no']],
    ['as it is', ['other', 'is'], ['as it ', 'is']],
    ['no words known', [], ['no words known']],
  ])('%j are all of it: %j', (text, spoken, expected) => {
    const pieces = wordPieces(text, words(...spoken));
    expect(pieces.map((piece) => piece.text)).toEqual(expected);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
  });

  it('keep the times of words that are said twice', () => {
    const pieces = wordPieces('no no', words('no', 'no')).filter(({ word }) => word !== null);
    expect(pieces.map(({ word }) => word?.start)).toEqual([0, 1]);
  });
});
