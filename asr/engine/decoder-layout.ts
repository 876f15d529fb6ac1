import { type Feeds, tensor } from '../../kernels/session.ts';
import type { TokenId } from '../whisper/config.ts';
import type { AskedToken, FedRow, RowAnswers } from './fed-row.ts';

/** Rows as the decoder's graph takes them: all with as many tokens, and as many of them asked about. */
export interface DecoderLayout {
  readonly tokens: number;
  /** of each row; its last one again where it has fewer than others */
  readonly asked: readonly (readonly AskedToken[])[];
  /** without caches, masks and adapters */
  readonly feeds: Feeds;
}

/** What the graph gave, [rows, asked] each, if nothing else is said. */
export interface DecoderFetches {
  /** [rows, asked, choices] */
  readonly nextTokens: Int32Array;
  readonly nextLogProbs: Float32Array;
  readonly noSpeechLogProbs: Float32Array;
  /** [rows, tokens, 2·layers · dim] */
  readonly keysValues: Float32Array;
  /** [rows, tokens, alignmentHeads · headDim] */
  readonly queries: Float32Array | null;
  /** [rows, asked, languages] */
  readonly languageLogProbs: Float32Array | null;
}

export interface DecoderRun {
  readonly answers: readonly RowAnswers[];
  /** of a row, [its tokens, 2·layers · dim] */
  readonly keysValues: (row: number) => Float32Array;
}

/**
 * Rows with fewer tokens are filled up behind: no token looks at those behind it. Several tokens of a row are its first
 * ones, all rows' alike.
 * @param tokens of each row: as many as the longest has, at least
 */
export function layOut(rows: readonly FedRow[], tokens: number): DecoderLayout {
  const most = Math.max(...rows.map((row) => row.asked.length));
  const asked = rows.map((row) =>
    Array.from({ length: most }, (_, index) => (row.asked[index] ?? row.asked.at(-1)) as AskedToken),
  );
  const fed = rows.flatMap((row) => Array.from({ length: tokens }, (_, index) => row.tokens[index] ?? 0));
  const positions = rows.flatMap((row) => Array.from({ length: tokens }, (_, index) => row.position + index));
  const lastPositions = rows.map((row) => row.position + tokens - 1);
  const places = asked.flatMap((those, row) => those.map(({ index }) => row * tokens + index));
  const given = asked.flat().map((one) => one.given);
  const column = (values: readonly number[]) => tensor(Int32Array.from(values), [rows.length]);
  const answerShape = [rows.length, most, 1];
  return {
    tokens,
    asked,
    feeds: {
      tokens: tensor(Int32Array.from(fed), [rows.length, tokens]),
      positions: tensor(Int32Array.from(positions), [rows.length, tokens]),
      past_lengths: column(lastPositions),
      total_length: tensor(Int32Array.of(Math.max(...lastPositions) + 1), []),
      cross_lengths: column(rows.map((row) => row.context)),
      asked: tensor(Int32Array.from(places), [rows.length, most]),
      free: tensor(
        BigInt64Array.from(given, (token) => (token === null ? 1n : 0n)),
        answerShape,
      ),
      given: tensor(
        BigInt64Array.from(given, (token) => BigInt(token ?? 0)),
        answerShape,
      ),
    },
  };
}

/** The answers of each row, without what others needed more of. */
export function readRun(rows: readonly FedRow[], { tokens, asked }: DecoderLayout, fetched: DecoderFetches): DecoderRun {
  const most = asked[0]?.length ?? 0;
  const languages = partsOf(fetched.languageLogProbs, rows.length * most);
  const queries = partsOf(fetched.queries, rows.length * tokens);
  const choices = fetched.nextTokens.length / (rows.length * most);
  const answers = rows.map((row, index) => ({
    answers: row.asked.map(({ ownMask }, one) => {
      const place = index * most + one;
      return {
        choices: Array.from({ length: choices }, (_, rank) => {
          const token = fetched.nextTokens[place * choices + rank] as TokenId;
          const logProb = fetched.nextLogProbs[place * choices + rank] as number;
          return { token, logProb, score: logProb + (ownMask?.[token] ?? 0) };
        }),
        noSpeechLogProb: fetched.noSpeechLogProbs[place] as number,
        languageLogProbs: languages === null ? null : languages(place),
      };
    }),
    queries: queries === null ? null : row.tokens.map((_, token) => queries(index * tokens + token)),
  }));
  const size = fetched.keysValues.length / (rows.length * tokens);
  const keysValues = (index: number) => {
    const from = index * tokens * size;
    return fetched.keysValues.subarray(from, from + (rows[index]?.tokens.length ?? 0) * size);
  };
  return { answers, keysValues };
}

/** Copies of an output's equal parts, if it was fetched. */
function partsOf(output: Float32Array | null, count: number): ((index: number) => Float32Array) | null {
  if (output === null) return null;
  const size = output.length / count;
  return (index) => output.slice(index * size, (index + 1) * size);
}
