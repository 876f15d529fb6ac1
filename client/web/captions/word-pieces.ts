import type { Word } from './transcript.ts';

/** A stretch of a text: one of its words, or what stands between them. */
export interface Piece {
  readonly text: string;
  readonly word: Word | null;
}

/** The text, cut at its words. What is no word of it is left where it is, and words that are not in it are left out. */
export function wordPieces(text: string, words: readonly Word[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const word of words) {
    const written = word.text.trim();
    const found = written === '' ? -1 : text.indexOf(written, at);
    if (found === -1) continue;
    if (found > at) pieces.push({ text: text.slice(at, found), word: null });
    pieces.push({ text: written, word });
    at = found + written.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), word: null });
  return pieces;
}
