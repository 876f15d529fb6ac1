import type { FileSegment } from '../../asr/files/recognise-file.ts';
import { firstLineWords, joinedColumns, joinedWords, LINE_COLUMNS } from './cue-lines.ts';
import { type TimedWord, timedWords } from './timed-words.ts';

/** What is shown at once. */
export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  /** one or two, of at most 42 columns each */
  readonly lines: readonly string[];
  /** how long a reader needs */
  readonly readingMs: number;
}

/** Longer than that, it is read twice. */
export const LONGEST_CUE_MS = 7_000;
/** Shorter than that, it is not seen. */
export const SHORTEST_CUE_MS = 1_000;
/** Columns a second that are read with ease. */
const READING_PACE = 17;

/**
 * Subtitles of a recording. Cues begin and end where words do, one after the other: one that would be shown too shortly
 * stays for longer, into the pause behind it; where there is none, or people speak at once on channels of their own, the
 * next one waits for it.
 */
export function cutCues(segments: readonly FileSegment[]): readonly Cue[] {
  const cues = segments.flatMap((segment) => cuesOf(timedWords(segment, LINE_COLUMNS)));
  return oneByOne(cues.sort((one, other) => one.startMs - other.startMs));
}

/** The cheapest way to cut an utterance's words (`costOf`), found from its end. */
function cuesOf(words: readonly TimedWord[]): readonly Cue[] {
  const cheapest = Array.from({ length: words.length + 1 }, () => ({ cost: Infinity, end: 0 }));
  cheapest[words.length] = { cost: 0, end: 0 };
  for (let from = words.length - 1; from >= 0; from -= 1) {
    for (let end = from + 1; end <= words.length; end += 1) {
      const cost = costOf(words.slice(from, end), words[end] ?? null);
      if (cost === null) break; // nor is there room for more
      const total = cost + (cheapest[end]?.cost ?? Infinity);
      if (total < (cheapest[from]?.cost ?? Infinity)) cheapest[from] = { cost: total, end };
    }
  }
  const cues: Cue[] = [];
  for (let from = 0; from < words.length; from = cheapest[from]?.end ?? words.length) {
    cues.push(cueOf(words.slice(from, cheapest[from]?.end)));
  }
  return cues;
}

/** One more cue costs as much as to leave a reader a third less time than is needed. */
const COSTS = { cue: 1, haste: 10, midSentence: 2, midClause: 0.8 } as const;

/** Few cues, that can be read in their time, and end with a sentence, a clause, a pause; null if they do not fit in one. */
function costOf(words: readonly TimedWord[], next: TimedWord | null): number | null {
  const durationMs = durationOf(words);
  // a single word is a cue, however long it is drawn out
  if (firstLineWords(words) === null || (words.length > 1 && durationMs > LONGEST_CUE_MS)) return null;
  const haste = Math.max(0, 1 - durationMs / readingTime(words));
  return COSTS.cue + COSTS.haste * haste ** 2 + (next === null ? 0 : costOfEnd(words.at(-1), next));
}

/** As long as a breath. */
const PAUSE_MS = 300;

function costOfEnd(last: TimedWord | undefined, next: TimedWord): number {
  const { text = '', endMs = next.startMs } = last ?? {};
  if (/[.!?…。！？؟।]["'»”’)\]]*$/u.test(text)) return 0;
  if (/[,;:،؛、，；：–—]["'»”’)\]]*$/u.test(text) || next.startMs - endMs >= PAUSE_MS) return COSTS.midClause;
  return COSTS.midSentence;
}

function cueOf(words: readonly TimedWord[]): Cue {
  const startMs = Math.round(words[0]?.startMs ?? 0);
  const first = firstLineWords(words) ?? words.length;
  const lines = [words.slice(0, first), words.slice(first)].filter((line) => line.length > 0).map(joinedWords);
  const durationMs = Math.min(LONGEST_CUE_MS, Math.round(durationOf(words)));
  return { startMs, endMs: startMs + durationMs, lines, readingMs: readingTime(words) };
}

function durationOf(words: readonly TimedWord[]): number {
  return (words.at(-1)?.endMs ?? 0) - (words[0]?.startMs ?? 0);
}

function readingTime(words: readonly TimedWord[]): number {
  const neededMs = Math.ceil((1_000 * joinedColumns(words)) / READING_PACE);
  return Math.min(LONGEST_CUE_MS, Math.max(SHORTEST_CUE_MS, neededMs));
}

/** @param cues by their start */
function oneByOne(cues: readonly Cue[]): readonly Cue[] {
  let freeFromMs = 0;
  return cues.map((cue, index) => {
    const startMs = Math.max(cue.startMs, freeFromMs);
    const wantedEndMs = Math.max(cue.endMs, startMs + cue.readingMs);
    const nextMs = cues[index + 1]?.startMs ?? Infinity;
    const endMs = Math.max(startMs + SHORTEST_CUE_MS, Math.min(wantedEndMs, nextMs));
    freeFromMs = endMs;
    return { ...cue, startMs, endMs };
  });
}
