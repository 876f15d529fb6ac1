import { deflateSync } from 'node:zlib';

/**
 * Why a transcript is not believed.
 *   repetition: the same words over and over
 *   length:     more tokens than can be said in the time
 *   silence:    the model itself says that nobody speaks, and is unsure of its words
 */
export type GuardTrip = 'repetition' | 'length' | 'silence';

/** Whisper's threshold (openai/whisper, `transcribe`). */
const MOST_COMPRESSION = 2.4;
/**
 * Nobody speaks where both are passed: the first pair is Whisper's own. An adapter was trained on speech alone, so it
 * leaves the model less certain of silence; words that are hardly believed need less of it.
 */
const SILENCES = [
  { noSpeechProb: 0.6, meanLogProb: -1 },
  { noSpeechProb: 0.4, meanLogProb: -1.5 },
] as const;

/** A loop's period in tokens: longer ones are left to the compression ratio. */
const LONGEST_PERIOD = 24;
/** So many times in a row is a loop; people do say `no, no, no`. */
const REPEATS = 5;
/** A single token over and over (`ha ha ha …`) has to be longer. */
const LEAST_LOOP_TOKENS = 10;

/**
 * The period of the loop that the tokens end in, 0 if they end in none. A loop is seen while it is made, so that
 * the row can stop; cost is constant for each token.
 */
export function loopPeriod(tokens: readonly number[]): number {
  for (let period = 1; period <= LONGEST_PERIOD; period += 1) {
    const needed = Math.max(period * REPEATS, LEAST_LOOP_TOKENS);
    if (tokens.length < needed) return 0;
    if (repeatsFor(tokens, period, needed)) return period;
  }
  return 0;
}

/** The tokens with the loop at their end said once. */
export function withoutLoop<Token extends number>(tokens: readonly Token[], period: number): readonly Token[] {
  if (period === 0) return tokens;
  let start = tokens.length - period;
  while (start > 0 && tokens[start - 1] === tokens[start - 1 + period]) start -= 1;
  return tokens.slice(0, start + period);
}

/** Bytes of UTF-8 over bytes deflated: text that repeats itself compresses well. 0 of no text. */
export function compressionRatio(text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length;
}

/** What the guards look at, once a row has ended. */
export interface Hypothesis {
  readonly text: string;
  /** the model's own, among all tokens: what masks leave out, or favour, makes it no surer */
  readonly tokenLogProbs: readonly number[];
  readonly noSpeechProb: number;
  /** how decoding ended: by end-of-text, in a loop, or at the limit */
  readonly ending: RowEnding;
}

export type RowEnding = 'end_of_text' | 'loop' | 'limit';

/** The first guard that trips; null if the transcript is believed. */
export function guardTrip({ text, tokenLogProbs, noSpeechProb, ending }: Hypothesis): GuardTrip | null {
  const meanLogProb = meanOf(tokenLogProbs);
  if (SILENCES.some((silence) => noSpeechProb > silence.noSpeechProb && meanLogProb < silence.meanLogProb)) return 'silence';
  if (ending === 'loop' || compressionRatio(text) > MOST_COMPRESSION) return 'repetition';
  return ending === 'limit' ? 'length' : null;
}

/** Whether the model doubts that anybody speaks, so that it depends on its sureness of the words. */
export function mayBeSilence(noSpeechProb: number): boolean {
  return SILENCES.some((silence) => noSpeechProb > silence.noSpeechProb);
}

/** 0 of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function repeatsFor(tokens: readonly number[], period: number, length: number): boolean {
  const end = tokens.length;
  for (let back = 1; back <= length - period; back += 1) {
    if (tokens[end - back] !== tokens[end - back - period]) return false;
  }
  return true;
}
