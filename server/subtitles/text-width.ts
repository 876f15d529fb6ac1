const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Scripts whose characters are as wide as two Latin ones, and the punctuation that goes with them. */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;

/** What a reader sees as one character each: a letter with its marks, an emoji of several code points. */
export function graphemesOf(text: string): readonly string[] {
  return Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
}

/** Columns that a text takes on a screen, roughly: one for each character that is seen, two for wide ones. */
export function textWidth(text: string): number {
  return graphemesOf(text).reduce((columns, grapheme) => columns + (WIDE.test(grapheme) ? 2 : 1), 0);
}
