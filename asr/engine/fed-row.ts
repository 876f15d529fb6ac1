import {
  type BeamStep,
  type Choice,
  choicesFor,
  type Extension,
  extendBeam,
  type Hypothesis,
} from '../decoding/beam-search.ts';
import { maskIndex } from '../decoding/masks.ts';
import { ownMask } from '../decoding/own-mask.ts';
import { isChosen, maskToFeed, prefixToken, type RowDecoding, takeStep, tokenToFeed } from '../decoding/row-decoding.ts';
import type { TokenId } from '../whisper/config.ts';
import { attemptOf, beamWidth, contextOf, type LiveRow } from './live-row.ts';

/** Tokens of a hypothesis that are fed together, and what is asked about them. */
export interface FedRow {
  /** at least one */
  readonly tokens: readonly TokenId[];
  /** of the first of them in the hypothesis */
  readonly position: number;
  readonly adapterSlot: number;
  /** the row's own, in encoder positions */
  readonly context: number;
  /** at least one, in the order of the tokens */
  readonly asked: readonly AskedToken[];
}

/** A token after which the model is asked. */
export interface AskedToken {
  /** of `tokens` */
  readonly index: number;
  /** what may follow, by its kind, or by a mask of the row's own, [vocab] */
  readonly maskKind: number;
  readonly ownMask: Float32Array | null;
  /** the token that does follow, whatever the model says; null: it chooses */
  readonly given: TokenId | null;
}

/** What the model said. */
export interface RowAnswers {
  /** of each token that was asked about */
  readonly answers: readonly Answer[];
  /** [alignmentHeads · headDim] of each token that was fed: what those heads looked for; null if nobody wished it */
  readonly queries: readonly Float32Array[] | null;
}

export interface Answer extends BeamStep {
  /** [languages], in the order of the configuration; of meaning at start-of-transcript; null if nobody wished it */
  readonly languageLogProbs: Float32Array | null;
}

/** What is fetched. */
export interface Wishes {
  /** tokens that may come next, of each answer */
  readonly choices: number;
  readonly queries: boolean;
  readonly languages: boolean;
}

/** The next token of one of a row's hypotheses. */
export function nextToken(row: LiveRow, decoding: RowDecoding, masks: readonly Float32Array[]): FedRow {
  return {
    tokens: [tokenToFeed(decoding)],
    position: decoding.position,
    adapterSlot: row.job.adapterSlot,
    context: contextOf(row),
    asked: [askedToken(decoding, { index: 0, masks })],
  };
}

/**
 * The tokens that a row is sure to begin with, and those that it may go on with, at once: it answers where there is
 * something to learn.
 */
export function opening(row: LiveRow, masks: readonly Float32Array[]): FedRow {
  const { decoding } = row.beam[0] as Hypothesis;
  const { prompt, prefix, start } = decoding.rules;
  const told = [...prefix, ...draftTokens(row)];
  const places = new Set([start, ...Array.from({ length: told.length + 1 }, (_, said) => prompt.length - 1 + said)]);
  return {
    tokens: [...prompt, ...told],
    position: 0,
    adapterSlot: row.job.adapterSlot,
    context: contextOf(row),
    asked: [...places].map((index) => {
      const said = told.slice(0, Math.max(0, index - prompt.length + 1));
      return askedToken({ ...decoding, position: index, tokens: said }, { index, masks });
    }),
  };
}

/** Tokens that a row opens with. */
export function openingLength(row: LiveRow): number {
  const { rules } = (row.beam[0] as Hypothesis).decoding;
  return rules.prompt.length + rules.prefix.length + draftTokens(row).length;
}

/**
 * Of a row whose next token follows from those before alone: it has one hypothesis, and draws nothing. One that has a mask
 * of its own would need one for each token.
 */
function draftTokens(row: LiveRow): readonly TokenId[] {
  const { prefix, limit, hotWords, noise } = (row.beam[0] as Hypothesis).decoding.rules;
  if (attemptOf(row).beamSize > 1 || hotWords !== null || noise !== null) return [];
  return row.job.draft.slice(0, Math.max(0, limit - prefix.length));
}

function askedToken(
  decoding: RowDecoding,
  { index, masks }: { readonly index: number; readonly masks: readonly Float32Array[] },
): AskedToken {
  const given = prefixToken(decoding);
  const mask = given === null ? ownMask(decoding, masks) : null;
  return { index, maskKind: maskIndex(maskToFeed(decoding)), ownMask: mask, given };
}

/** A token that is known to follow, and whose probability nobody asks for. */
const UNASKED: Choice = { token: 0 as TokenId, logProb: Number.NaN, score: Number.NaN };

/**
 * Folds a row's answers into its hypotheses.
 * @param fed of each hypothesis; several tokens only of a row's single one
 */
export function foldAnswers(row: LiveRow, fed: readonly FedRow[], said: readonly RowAnswers[]): Extension {
  const steps = row.beam.map(({ decoding }, index) => foldSure(row, decoding, fed[index] as FedRow, said[index] as RowAnswers));
  if (row.beam.some(({ decoding }) => decoding.ending !== null)) return { live: [], ended: row.beam };
  return extendBeam(row.beam, steps, beamWidth(row), row.ended);
}

/**
 * Folds all tokens but the last one, after which there may be more than one way on, or up to where the text ends, or where
 * the model says something else than was fed.
 */
function foldSure(row: LiveRow, decoding: RowDecoding, fed: FedRow, { answers, queries }: RowAnswers): BeamStep {
  const stepAt = (index: number): BeamStep => {
    const answer = answers[fed.asked.findIndex((asked) => asked.index === index)];
    return answer ?? { choices: [UNASKED], noSpeechLogProb: Number.NaN };
  };
  const last = fed.tokens.length - 1;
  for (let index = 0; index <= last && decoding.ending === null; index += 1) {
    const query = queries?.[index];
    if (query !== undefined && isAligned(row, decoding)) decoding.queries.push(query);
    if (index === last) break;
    const { choices, noSpeechLogProb } = stepAt(index);
    const { token: next, logProb: nextLogProb } = choices[0] as Choice;
    if (isChosen(decoding) && next !== fed.tokens[index + 1]) return stepAt(index);
    takeStep(decoding, { next, nextLogProb, noSpeechLogProb });
  }
  return stepAt(last);
}

/** What is to be fetched, if any of the rows wishes it. */
export function wishesOf(rows: readonly (LiveRow | null)[]): Wishes {
  return {
    choices: Math.max(1, ...rows.map((row) => (row === null ? 1 : choicesFor(attemptOf(row).beamSize)))),
    queries: rows.some((row) => row?.job.words === true),
    languages: rows.some((row) => row?.job.purpose === 'language'),
  };
}

/** Whether what is looked for at the next token is kept, for the times of words. */
function isAligned({ job }: LiveRow, decoding: RowDecoding): boolean {
  return job.words && decoding.position >= decoding.rules.start;
}
