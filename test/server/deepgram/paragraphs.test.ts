import { describe, expect, it } from 'vitest';
import { paragraphsOf } from '../../../server/deepgram/paragraphs.ts';
import type { SpacedWord } from '../../../server/deepgram/spaced-words.ts';

/** Words of 200 ms, each with the pause before it in ms. */
function words(language: string, ...spoken: readonly (readonly [text: string, pauseMs?: number])[]): SpacedWord[] {
  let end = 0;
  return spoken.map(([text, pause = 0]) => {
    const start = end + pause / 1000;
    end = start + 0.2;
    const word = text.toLowerCase().replace(/[^\p{L}]/gu, '');
    return { before: ' ', word: { word, start, end, confidence: 1, language, punctuated_word: text } };
  });
}

const textsOf = (spoken: readonly SpacedWord[]) =>
  paragraphsOf(spoken, true).paragraphs.map(({ sentences }) => sentences.map(({ text }) => text));

describe('paragraphs', () => {
  it('have sentences that end where they say so', () => {
    const spoken = words('en', ['Yes.'], ['It'], ['is'], ['"blue."'], ['Is'], ['it?']);
    expect(textsOf(spoken)).toEqual([['Yes.', 'It is "blue."', 'Is it?']]);
  });

  it('end at long pauses', () => {
    const spoken = words('en', ['Yes.'], ['It', 2_000], ['is', 1_900], ['blue', 2_100]);
    expect(textsOf(spoken)).toEqual([['Yes.'], ['It is'], ['blue']]);
    expect(paragraphsOf(spoken, false).transcript).toBe('yes\n\nit is\n\nblue');
  });

  it('end after five sentences', () => {
    const spoken = words('en', ...Array.from({ length: 7 }, () => ['Yes.'] as const));
    expect(textsOf(spoken).map(({ length }) => length)).toEqual([5, 2]);
  });

  it('take a semicolon for the end of a question in Greek only', () => {
    expect(textsOf(words('el', ['Τι;'], ['Ναι.']))).toEqual([['Τι;', 'Ναι.']]);
    expect(textsOf(words('fr', ['Oui;'], ['non.']))).toEqual([['Oui; non.']]);
  });

  it('of nothing are none', () => {
    expect(paragraphsOf([], true)).toEqual({ transcript: '', paragraphs: [] });
  });
});
