import { loopPeriod } from '../decoding/guards.ts';
import type { TokenId } from '../whisper/config.ts';

/** Of words: longer phrases are left to the guards. */
const LONGEST_PHRASE = 8;

/** A word, and where its tokens end. */
export interface RepeatableWord {
  readonly text: string;
  readonly endToken: number;
}

/**
 * How many of the first `count` words to keep so that they do not end in a phrase said twice in a row, nor in a loop
 * within a word. What a model begins to repeat may be a loop; what a speaker repeats is there once more has been said.
 */
export function beforeRepetition(words: readonly RepeatableWord[], tokens: readonly TokenId[], count: number): number {
  const said = words.map(({ text }) => plain(text));
  let kept = count;
  while (kept > 0) {
    const phrase = repeatedPhrase(said, kept);
    if (phrase > 0) kept -= phrase;
    else if (loopPeriod(tokens.slice(0, (words[kept - 1] as RepeatableWord).endToken)) > 0) kept -= 1;
    else return kept;
  }
  return 0;
}

/** The length of the phrase that the first `end` words end in twice; 0 if there is none. */
function repeatedPhrase(said: readonly string[], end: number): number {
  for (let length = 1; length <= Math.min(LONGEST_PHRASE, end / 2); length += 1) {
    const last = said.slice(end - length, end);
    if (last.every((word, index) => word === said[end - 2 * length + index])) return length;
  }
  return 0;
}

/** Letters and digits alone decide whether a word is the same; a word without any is what it is. */
function plain(text: string): string {
  const letters = text.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '');
  return letters === '' ? text.trim() : letters;
}
