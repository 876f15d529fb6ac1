import type { TokenId } from '../whisper/config.ts';
import { loopPeriod, type RowEnding } from './guards.ts';
import { gumbelNoise, type NoiseRules } from './gumbel-noise.ts';
import type { HotWords } from './hot-words.ts';
import type { MaskKind } from './masks.ts';

/** What decides how one row is decoded; fixed when it begins. */
export interface RowRules {
  /** forced tokens: what was said before, if anything, then start-of-transcript and what follows it */
  readonly prompt: readonly TokenId[];
  /** where start-of-transcript stands in it */
  readonly start: number;
  /** tokens that the text begins with, whatever the model says */
  readonly prefix: readonly TokenId[];
  readonly endOfText: TokenId;
  /** the most text tokens, the prefix included */
  readonly limit: number;
  /** exactly `limit` tokens, whatever the model says */
  readonly forced: boolean;
  /** stop in a loop */
  readonly guarded: boolean;
  /** phrases that are likelier than the model thinks; null: none */
  readonly hotWords: HotWords | null;
  /** how tokens are drawn; null: the most likely one is taken */
  readonly noise: NoiseRules | null;
}

/** One row while it decodes. */
export interface RowDecoding {
  readonly rules: RowRules;
  /** tokens fed so far: the position of the next one */
  position: number;
  readonly tokens: TokenId[];
  /** natural logarithms, one for each of `tokens`, and one for end-of-text where it came */
  readonly logProbs: number[];
  noSpeechProb: number;
  /** for the times of words, if they are wanted: what alignment heads looked for at each step from start-of-transcript on */
  readonly queries: Float32Array[];
  /** room for a mask of its own, if it has ever had one */
  mask: Float32Array | null;
  /** adds the noise of the next step to a mask; null where nothing is drawn */
  readonly addNoise: ((mask: Float32Array) => void) | null;
  ending: RowEnding | null;
}

/** What the model said of the row's token. */
export interface RowStep {
  readonly next: TokenId;
  readonly nextLogProb: number;
  readonly noSpeechLogProb: number;
}

export function beginRow(rules: RowRules): RowDecoding {
  const ending = rules.limit === 0 ? endingAtLimit(rules) : null;
  const addNoise = rules.noise === null ? null : gumbelNoise(rules.noise);
  return { rules, position: 0, tokens: [], logProbs: [], noSpeechProb: 0, queries: [], mask: null, addNoise, ending };
}

/** The token that the row feeds next: its prompt, then what it generated. */
export function tokenToFeed({ rules, position, tokens }: RowDecoding): TokenId {
  const token = rules.prompt[position] ?? tokens[position - rules.prompt.length];
  if (token === undefined) throw new RangeError(`A row has no token for position ${position}.`);
  return token;
}

/** The token that must follow the one that is fed next, since it belongs to the prefix; null where the model chooses. */
export function prefixToken({ rules, position, tokens }: RowDecoding): TokenId | null {
  return position < rules.prompt.length - 1 ? null : (rules.prefix[tokens.length] ?? null);
}

/** Whether the model chooses what follows the token that is fed next. */
export function isChosen({ rules, position, tokens }: RowDecoding): boolean {
  return position >= rules.prompt.length - 1 && tokens.length >= rules.prefix.length;
}

/** What may follow the token that is fed next. */
export function maskToFeed({ rules, position, tokens }: RowDecoding): MaskKind {
  if (position < rules.prompt.length - 1) return 'free';
  if (tokens.length === 0) return 'first';
  return rules.forced ? 'unended' : 'further';
}

/** Folds one step into the row. `ending` tells whether it was the last. */
export function takeStep(row: RowDecoding, step: RowStep): void {
  const { prompt, start, prefix, endOfText, limit, guarded } = row.rules;
  if (row.position === start) row.noSpeechProb = Math.exp(step.noSpeechLogProb);
  row.position += 1;
  if (row.position < prompt.length) return; // the next token is forced
  row.logProbs.push(step.nextLogProb);
  if (step.next === endOfText) {
    row.ending = 'end_of_text';
    return;
  }
  row.tokens.push(step.next);
  if (row.tokens.length < prefix.length) return;
  if (guarded && loopPeriod(row.tokens) > 0) row.ending = 'loop';
  else if (row.tokens.length >= limit) row.ending = endingAtLimit(row.rules);
}

function endingAtLimit({ forced }: RowRules): RowEnding {
  return forced ? 'end_of_text' : 'limit';
}
