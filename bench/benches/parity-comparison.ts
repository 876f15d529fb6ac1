import { compressionRatio } from '../../asr/decoding/guards.ts';
import { normaliseText } from '../metrics/normalise.ts';
import { errorRatePercent, sumEdits, wordErrors } from '../metrics/wer.ts';

/** The three that transcribe the same samples. */
export const SYSTEMS = ['fp32', 'int8', 'fasterWhisper'] as const;
export type System = (typeof SYSTEMS)[number];

export interface Transcript {
  readonly text: string;
  /** text tokens, without prompt and end-of-text */
  readonly tokens: readonly number[];
}

/** An utterance with what each system made of it. */
export interface Compared {
  readonly id: string;
  readonly language: string;
  readonly reference: string;
  readonly spoken: boolean;
  readonly transcripts: Readonly<Record<System, Transcript>>;
}

/** WER in percent; null of no utterances. */
export interface WerPercent {
  readonly utterances: number;
  readonly all: number | null;
  /** of utterances whose text can have been said in the time */
  readonly spoken: number | null;
}

/** Whisper's own threshold for text that repeats itself. */
const MOST_COMPRESSION = 2.4;

/** Whether a transcript is a repetition loop: it compresses too well, or only the token limit ended it. */
export function isLoop({ text, tokens }: Transcript, tokenLimit: number): boolean {
  return tokens.length >= tokenLimit || compressionRatio(text) > MOST_COMPRESSION;
}

/**
 * Where two transcripts part: the first position with different tokens, or the length of the shorter one; null if they
 * are the same. faster-whisper drops a segment without text, tokens and all, so two without text are the same.
 */
export function firstDifference(ours: Transcript, theirs: Transcript): number | null {
  if (ours.text.trim() === '' && theirs.text.trim() === '') return null;
  const shorter = Math.min(ours.tokens.length, theirs.tokens.length);
  for (let position = 0; position < shorter; position += 1) {
    if (ours.tokens[position] !== theirs.tokens[position]) return position;
  }
  return ours.tokens.length === theirs.tokens.length ? null : shorter;
}

export function werOf(utterances: readonly Compared[], system: System): WerPercent {
  const spoken = utterances.filter((utterance) => utterance.spoken);
  return { utterances: utterances.length, all: werPercent(utterances, system), spoken: werPercent(spoken, system) };
}

function werPercent(utterances: readonly Compared[], system: System): number | null {
  if (utterances.length === 0) return null;
  const edits = utterances.map(({ reference, transcripts }) =>
    wordErrors(normaliseText(reference), normaliseText(transcripts[system].text)),
  );
  return errorRatePercent(sumEdits(edits));
}
