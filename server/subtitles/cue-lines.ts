import type { TimedWord } from './timed-words.ts';

/** Of one line, as television has it. */
export const LINE_COLUMNS = 42;

type LineWord = Pick<TimedWord, 'text' | 'columns' | 'spaced'>;

/** As they are written: blanks where the words have them, none at the beginning. */
export function joinedWords(words: readonly LineWord[]): string {
  return words.map(({ text, spaced }, index) => (spaced && index > 0 ? ` ${text}` : text)).join('');
}

/** Columns of `joinedWords`. */
export function joinedColumns(words: readonly LineWord[]): number {
  return words.reduce((sum, { columns, spaced }, index) => sum + columns + (spaced && index > 0 ? 1 : 0), 0);
}

/**
 * So many words are in the first line: all of them, or else about half of the columns, so that both lines are as wide as
 * each other; null if they do not fit into two lines.
 */
export function firstLineWords(words: readonly LineWord[]): number | null {
  const all = joinedColumns(words);
  if (all <= LINE_COLUMNS) return words.length;
  let best: { readonly count: number; readonly widest: number } | null = null;
  let columns = 0;
  for (const [count, word] of words.entries()) {
    const blank = word.spaced && count > 0 ? 1 : 0;
    const widest = Math.max(columns, all - columns - blank);
    if (count > 0 && widest <= LINE_COLUMNS && (best === null || widest < best.widest)) best = { count, widest };
    columns += word.columns + blank;
  }
  return best?.count ?? null;
}
