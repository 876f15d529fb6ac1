import type { JoinedPart } from './join-recordings.ts';

/** A word of the whole recording. */
export interface TimedWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** A word may be thought to begin in the silence before it. */
const EARLY_MS = 400;

/**
 * How far the first word of each part begins from where its speech does; parts of which no word was heard are left out.
 * @param words in order
 * @returns ms, positive where the word begins late
 */
export function onsetErrors(parts: readonly JoinedPart[], words: readonly TimedWord[]): readonly number[] {
  return parts.flatMap(({ startMs, endMs, onsetMs }) => {
    const first = words.find((word) => word.startMs >= startMs - EARLY_MS && word.endMs > startMs && word.startMs < endMs);
    return first === undefined ? [] : [first.startMs - onsetMs];
  });
}
