import type { WhisperConfig } from '../whisper/config.ts';
import { languageToken } from '../whisper/prompt.ts';
import type { ContextChoice } from './context-choice.ts';

/** The full context, until measured otherwise. */
export const DETECTION_CONTEXT: ContextChoice = 'full';

/** An utterance whose language is to be found. */
export interface DetectionRequest {
  /** 16 kHz mono, at most 30 s; read until the result is there */
  readonly samples: Float32Array;
  /** BCP-47 tags of the languages it may be in; of none, all that the model knows */
  readonly among: readonly string[];
  /** for measurements: another than `DETECTION_CONTEXT` */
  readonly context?: ContextChoice;
  /** as a recognition's: results come in the order of a stream's requests */
  readonly streamId?: string;
  readonly signal?: AbortSignal;
}

export interface DetectedLanguage {
  /** one of those it may be in, as it was written there */
  readonly language: string;
  readonly probability: number;
  /** by language; their sum is 1 */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** A language that may be spoken. */
export interface LanguageChoice {
  readonly tag: string;
  /** its place among the model's languages */
  readonly index: number;
}

/**
 * The languages to choose from. Of several tags that are one language to the model, the first stands for all.
 * @throws FloraAsrError `language_unknown`
 */
export function languageChoices(config: WhisperConfig, among: readonly string[]): readonly LanguageChoice[] {
  const tokens = [...config.languageTokens.values()];
  const choices = new Map<number, LanguageChoice>();
  for (const tag of among.length === 0 ? config.languageTokens.keys() : among) {
    const index = tokens.indexOf(languageToken(config, tag));
    if (!choices.has(index)) choices.set(index, { tag, index });
  }
  return [...choices.values()];
}

/** @param logProbs of all the model's languages; only those among the choices count */
export function mostProbable(choices: readonly LanguageChoice[], logProbs: readonly number[]): DetectedLanguage {
  const own = choices.map(({ tag, index }) => ({ tag, logProb: logProbs[index] ?? Number.NEGATIVE_INFINITY }));
  const best = own.reduce((leader, choice) => (choice.logProb > leader.logProb ? choice : leader));
  // from the largest, so that nothing overflows, nor all of it vanishes
  const shares = own.map(({ tag, logProb }) => [tag, Math.exp(logProb - best.logProb)] as const);
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  return {
    language: best.tag,
    probability: 1 / total,
    probabilities: Object.fromEntries(shares.map(([tag, share]) => [tag, share / total])),
  };
}
