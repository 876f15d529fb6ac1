export const SPLITS = ['train', 'dev', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** One recording with its reference text. */
export interface Utterance {
  /** unique within its corpus */
  readonly id: string;
  /** relative to the corpus, `/` between folders */
  readonly audioPath: string;
  /** as the corpus has it: cased and punctuated, white space trimmed */
  readonly text: string;
  /** Whisper's language code, e.g. `el` */
  readonly language: string;
  readonly split: Split;
  /** whether the text can have been said in the time: at most 25 characters per second */
  readonly spoken: boolean;
  readonly durationSeconds: number;
  readonly speaker?: string;
}

export interface UtteranceSelection {
  /** all of the corpus's if absent */
  readonly languages?: readonly string[];
  /** all if absent */
  readonly split?: Split;
}

export interface Corpus {
  readonly name: string;
  readonly languages: readonly string[];
  /** Utterances of the selection, ordered by audio path (by code unit, so the same on every machine). */
  utterances(selection?: UtteranceSelection): readonly Utterance[];
  /** 16 kHz mono samples in [-1, 1]: a fresh array that the caller owns. */
  samples(utterance: Utterance): Float32Array;
}

const MAX_SPOKEN_CHARACTERS_PER_SECOND = 25;

/** Whether `text` can have been said in full: in some recordings less is said than the text says. */
export function isSpoken(text: string, durationSeconds: number): boolean {
  return [...text].length <= MAX_SPOKEN_CHARACTERS_PER_SECOND * durationSeconds;
}

/** Order by code unit: never by locale, which differs between machines. */
export function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
