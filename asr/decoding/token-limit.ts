import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';

/** Fast speech is 25 characters a second; scripts that Whisper spells in bytes need a token for nearly each. */
const TOKENS_PER_SECOND = 25;
/** Punctuation and short utterances. */
const TOKENS_BESIDE = 16;

/** What the decoder has positions for, and what is taken of them. */
export interface DecoderPositions {
  readonly maxTokens: number;
  readonly prompt: number;
  /** text tokens that are forced; none, if left out */
  readonly prefix?: number;
}

/** The most text tokens an utterance may have: as many as can be said in its time, and as the decoder has positions. */
export function tokenLimit(sampleCount: number, positions: DecoderPositions): number {
  const sayable = TOKENS_BESIDE + Math.ceil((TOKENS_PER_SECOND * sampleCount) / SAMPLE_RATE_HZ);
  // a prefix is there, however long its audio: something may follow it
  return Math.min(Math.max(sayable, (positions.prefix ?? 0) + TOKENS_BESIDE), decoderRoom(positions));
}

/** Text tokens that fit behind the prompt; Whisper uses at most half of its positions for them, as CTranslate2 does. */
export function decoderRoom({ maxTokens, prompt }: Omit<DecoderPositions, 'prefix'>): number {
  return Math.min(Math.floor(maxTokens / 2), maxTokens - prompt);
}
