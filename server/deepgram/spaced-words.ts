import type { FileSegment } from '../../asr/files/recognise-file.ts';
import type { Word } from './messages.ts';
import { wordsOf } from './transcript.ts';

/** A word and what stands before it: languages without blanks have none. */
export interface SpacedWord {
  readonly before: '' | ' ';
  readonly word: Word;
}

/** The words of one channel, by time. */
export function spacedWords(segments: readonly FileSegment[]): readonly SpacedWord[] {
  return segments.flatMap(({ result, startMs, language }) =>
    (result.words ?? []).flatMap((recognised, index) => {
      const [word] = wordsOf([recognised], startMs, language);
      if (word === undefined) return [];
      const before = index === 0 || /^\s/.test(recognised.text) ? ' ' : '';
      return [{ before, word } as const];
    }),
  );
}

/** @param punctuate as they are written; else lower case without punctuation */
export function textOf(words: readonly SpacedWord[], punctuate: boolean): string {
  return words
    .map(({ before, word }) => before + (punctuate ? word.punctuated_word : word.word))
    .join('')
    .trim();
}

/** Cut wherever `isCut` says so between a word and the next. */
export function cutWords(
  words: readonly SpacedWord[],
  isCut: (last: Word, next: Word) => boolean,
): readonly (readonly SpacedWord[])[] {
  const parts: SpacedWord[][] = [];
  for (const spaced of words) {
    const last = parts.at(-1)?.at(-1);
    if (last === undefined || isCut(last.word, spaced.word)) parts.push([spaced]);
    else parts.at(-1)?.push(spaced);
  }
  return parts;
}

export function pauseMs(last: Word, next: Word): number {
  return Math.round(1000 * (next.start - last.end));
}
