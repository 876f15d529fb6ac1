import { maskIndex } from '../decoding/masks.ts';
import { ownMask } from '../decoding/own-mask.ts';
import { maskToFeed, prefixToken, type RowDecoding, type RowStep, takeStep, tokenToFeed } from '../decoding/row-decoding.ts';
import type { TokenId } from '../whisper/config.ts';
import { contextOf, type LiveRow } from './live-row.ts';

/** Tokens of a row that are fed together, and what is asked about them. */
export interface FedRow {
  /** at least one */
  readonly tokens: readonly TokenId[];
  /** of the first of them in the row */
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

export interface Answer extends RowStep {
  /** [languages], in the order of the configuration; of meaning at start-of-transcript; null if nobody wished it */
  readonly languageLogProbs: Float32Array | null;
}

/** What is fetched beside the answers. */
export interface Wishes {
  readonly queries: boolean;
  readonly languages: boolean;
}

/** A row's next token alone. */
export function nextToken(row: LiveRow, masks: readonly Float32Array[]): FedRow {
  const { decoding } = row;
  return {
    tokens: [tokenToFeed(decoding)],
    position: decoding.position,
    adapterSlot: row.job.adapterSlot,
    context: contextOf(row),
    asked: [askedToken(decoding, { index: 0, masks })],
  };
}

/** The tokens that a row is sure to begin with, at once: it answers where there is something to learn. */
export function opening(row: LiveRow, masks: readonly Float32Array[]): FedRow {
  const { decoding } = row;
  const { prompt, prefix, start } = decoding.rules;
  const places = new Set([start, ...Array.from({ length: prefix.length + 1 }, (_, said) => prompt.length - 1 + said)]);
  return {
    tokens: [...prompt, ...prefix],
    position: 0,
    adapterSlot: row.job.adapterSlot,
    context: contextOf(row),
    asked: [...places].map((index) => {
      const said = prefix.slice(0, Math.max(0, index - prompt.length + 1));
      return askedToken({ ...decoding, position: index, tokens: said }, { index, masks });
    }),
  };
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
const UNASKED: RowStep = { next: 0 as TokenId, nextLogProb: Number.NaN, noSpeechLogProb: Number.NaN };

/** Folds the answers into the row, token by token, up to where it ends. */
export function foldAnswers(row: LiveRow, fed: FedRow, { answers, queries }: RowAnswers): void {
  const { decoding } = row;
  for (const index of fed.tokens.keys()) {
    const query = queries?.[index];
    if (query !== undefined && isAligned(row)) decoding.queries.push(query);
    takeStep(decoding, answers[fed.asked.findIndex((asked) => asked.index === index)] ?? UNASKED);
    if (decoding.ending !== null) return;
  }
}

/** What is to be fetched, if any of the rows wishes it. */
export function wishesOf(rows: readonly (LiveRow | null)[]): Wishes {
  return {
    queries: rows.some((row) => row?.job.words === true),
    languages: rows.some((row) => row?.job.purpose === 'language'),
  };
}

/** Whether what the row looks for at its next token is kept, for the times of its words. */
function isAligned({ job, decoding }: LiveRow): boolean {
  return job.words && decoding.position >= decoding.rules.start;
}
