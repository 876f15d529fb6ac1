import { normaliseText } from '../../metrics/normalise.ts';

/** Words as they were shown at one moment. */
export interface Display {
  /** by the clock that measures */
  readonly atMs: number;
  readonly words: readonly string[];
}

/** One utterance, as somebody sees it who reads its captions. */
export interface CaptionedUtterance {
  /** when its first sample of speech was sent */
  readonly speechStartMs: number;
  /** partials in their order */
  readonly partials: readonly Display[];
  readonly final: Display;
  /** when the last sample of each of the final's words was sent */
  readonly wordEndMs: readonly number[];
}

export interface CaptionTiming {
  /** from the start of speech to the first word that is shown, in a partial or else in the final; null without any */
  readonly firstWordMs: number | null;
  /** whether a word was shown before the final */
  readonly hadPartial: boolean;
  /** of each word of the final: from its end to when it was first shown where it stays */
  readonly wordLagsMs: readonly number[];
  /** words that partials showed, each counted when it is new at its place */
  readonly shownWords: number;
  /** of these, words that another word or none took the place of later; case and punctuation are not looked at */
  readonly changedWords: number;
  /** as `changedWords`, case and punctuation included */
  readonly rewrittenWords: number;
}

/** What a reader of captions had to wait for, and saw change. */
export function timeCaptions({ speechStartMs, partials, final, wordEndMs }: CaptionedUtterance): CaptionTiming {
  const displays = [...partials, final];
  const first = displays.find(({ words }) => words.length > 0);
  return {
    firstWordMs: first === undefined ? null : first.atMs - speechStartMs,
    hadPartial: partials.some(({ words }) => words.length > 0),
    wordLagsMs: final.words.map((word, index) => shownForGood(displays, index, word) - (wordEndMs[index] ?? Number.NaN)),
    ...changes(displays),
  };
}

/** When the word came to the place where it stays. */
function shownForGood(displays: readonly Display[], place: number, word: string): number {
  let sinceMs = Number.NaN;
  for (const { atMs, words } of displays) {
    if (!sameWord(words[place], word)) sinceMs = Number.NaN;
    else if (Number.isNaN(sinceMs)) sinceMs = atMs;
  }
  return sinceMs;
}

function changes(displays: readonly Display[]) {
  let [shownWords, changedWords, rewrittenWords] = [0, 0, 0];
  for (const [turn, { words }] of displays.entries()) {
    const later = displays[turn + 1];
    if (later === undefined) break;
    const before = displays[turn - 1]?.words ?? [];
    for (const [place, word] of words.entries()) {
      if (!sameWord(before[place], word)) shownWords += 1;
      if (!sameWord(later.words[place], word)) changedWords += 1;
      if (later.words[place] !== word) rewrittenWords += 1;
    }
  }
  return { shownWords, changedWords, rewrittenWords };
}

function sameWord(left: string | undefined, right: string): boolean {
  return left !== undefined && normaliseText(left) === normaliseText(right);
}
