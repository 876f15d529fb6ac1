import { type Attempt, planAttempts } from '../decoding/attempts.ts';
import { bestHypothesis, type Hypothesis } from '../decoding/beam-search.ts';
import {
  type GuardTrip,
  guardTrip,
  loopPeriod,
  mayBeSilence,
  meanOf,
  type RowEnding,
  withoutLoop,
} from '../decoding/guards.ts';
import { type NoiseRules, seedOf } from '../decoding/gumbel-noise.ts';
import { type HotWords, hotWordTrees } from '../decoding/hot-words.ts';
import { beginRow, type RowDecoding } from '../decoding/row-decoding.ts';
import { decoderRoom, tokenLimit } from '../decoding/token-limit.ts';
import { UNSPACED_LANGUAGES } from '../decoding/words.ts';
import type { TokenId, WhisperConfig } from '../whisper/config.ts';
import { languageCode, previousTokens } from '../whisper/prompt.ts';
import type { TextTokenizer } from '../whisper/tokenizer.ts';
import type { Recognition, UtteranceJob } from './job.ts';

/** A job between its arrival in the worker and its result. */
export interface LiveRow {
  readonly job: UtteranceJob;
  /** tokens that tell the decoder what was said before; empty if nothing was */
  readonly previous: readonly TokenId[];
  readonly hotWords: HotWords | null;
  readonly arrivedMs: number;
  readonly attempts: readonly Attempt[];
  /** index into the attempts */
  attempt: number;
  /** when this attempt began to wait for the encoder */
  queuedMs: number;
  /** texts that this attempt may end in; one where it is greedy */
  beam: readonly Hypothesis[];
  /** places that it has in its pool: those of its hypotheses, in their order, then free ones; none before it is encoded */
  places: readonly number[];
  /** texts that have ended */
  readonly ended: Hypothesis[];
  readonly trips: GuardTrip[];
  /** attempts that were not believed; if none is, one of them has to do */
  readonly doubted: Outcome[];
  waitMs: number;
  featuresMs: number;
  encodeMs: number;
  decodeMs: number;
}

/** What is needed to judge a row. */
export interface RowContext {
  readonly config: WhisperConfig;
  readonly tokenizer: TextTokenizer;
}

/**
 * `retry`: the row has another attempt, for which it has to be encoded again, or is encoded already.
 * `done`: words and their times are still to be found, of its decoding.
 */
export type RowVerdict =
  | { readonly kind: 'retry'; readonly encoded: boolean }
  | { readonly kind: 'done'; readonly recognition: Recognition; readonly decoding: RowDecoding };

/** How an attempt ended. */
interface Outcome {
  readonly attempt: Attempt;
  readonly decoding: RowDecoding;
  readonly ending: RowEnding;
  readonly text: string;
  readonly trip: GuardTrip | null;
}

export function liveRow(job: UtteranceJob, nowMs: number, context: RowContext): LiveRow {
  const { config, tokenizer } = context;
  const hotWords = favoured(job, context);
  const previous = job.promptText === null ? [] : previousTokens(config, tokenizer.encode(` ${job.promptText.trim()}`));
  const attempts = planAttempts({
    contexts: job.contexts,
    temperature: job.temperature,
    beamSize: job.beamSize,
    prompted: previous.length > 0,
    retries: job.decoding.retries && !job.deferrable,
  });
  return {
    job,
    previous,
    hotWords,
    arrivedMs: nowMs,
    attempts,
    attempt: 0,
    queuedMs: nowMs,
    beam: beginAttempt(job, attempts[0] as Attempt, { previous, hotWords, config }),
    places: [],
    ended: [],
    trips: [],
    doubted: [],
    waitMs: 0,
    featuresMs: 0,
    encodeMs: 0,
    decodeMs: 0,
  };
}

function favoured({ hotWords: phrases, prompt }: UtteranceJob, { config, tokenizer }: RowContext): HotWords | null {
  if (phrases.length === 0) return null;
  const unspaced = UNSPACED_LANGUAGES.has(languageCode(config, prompt));
  return hotWordTrees(phrases, { encode: (text) => tokenizer.encode(text), unspaced });
}

export function attemptOf({ job, attempts, attempt }: LiveRow): Attempt {
  const current = attempts[attempt];
  if (current === undefined) throw new RangeError(`Row ${job.id} has no attempt ${attempt}.`);
  return current;
}

/**
 * How many hypotheses go on. What may be silence has one: a search finds words that the model is surer of, in silence, too,
 * and the guard knows how sure it is of greedy ones.
 */
export function beamWidth(row: LiveRow): number {
  const [first] = row.beam;
  return first !== undefined && mayBeSilence(first.decoding.noSpeechProb) ? 1 : attemptOf(row).beamSize;
}

/** Encoder positions of the row's current attempt. */
export function contextOf(row: LiveRow): number {
  return attemptOf(row).context;
}

/** Judges a row whose search is over; on `retry` it stands at the beginning of its next attempt. */
export function judgeRow(row: LiveRow, context: RowContext, nowMs: number): RowVerdict {
  const { job } = row;
  const outcome = outcomeOf(row, context.tokenizer);
  const { trip } = outcome;
  if (trip !== null) row.trips.push(trip);
  const next = row.attempts[row.attempt + 1];
  // silence does not become speech with more context
  if (trip !== null && trip !== 'silence' && next !== undefined) {
    const encoded = next.context === outcome.attempt.context;
    row.doubted.push(outcome);
    row.attempt += 1;
    row.queuedMs = nowMs;
    row.beam = beginAttempt(job, next, { previous: row.previous, hotWords: row.hotWords, config: context.config });
    row.ended.length = 0;
    if (!encoded) row.places = [];
    return { kind: 'retry', encoded };
  }
  const taken = trip === null || trip === 'silence' ? outcome : leastDoubted(row, outcome);
  const recognition = recognitionOf(row, taken, { tokenizer: context.tokenizer, nowMs });
  return { kind: 'done', recognition, decoding: taken.decoding };
}

function outcomeOf(row: LiveRow, tokenizer: TextTokenizer): Outcome {
  const { job, ended } = row;
  if (ended.length === 0) throw new RangeError(`Row ${job.id} has not ended.`);
  const decoding = bestHypothesis(ended);
  const { noSpeechProb, logProbs: tokenLogProbs } = decoding;
  const ending = decoding.ending as RowEnding;
  const text = tokenizer.decode(decoding.tokens).trim();
  const trip = job.decoding.guards ? guardTrip({ text, tokenLogProbs, noSpeechProb, ending }) : null;
  return { attempt: attemptOf(row), decoding, ending, text, trip };
}

/** Of those with the same context, whose cross-attention is still there: the one whose words the model is surest of. */
function leastDoubted({ doubted }: LiveRow, last: Outcome): Outcome {
  const sureness = (outcome: Outcome) => meanOf(outcome.decoding.logProbs.slice(0, keptTokens(outcome).length));
  return doubted
    .filter(({ attempt }) => attempt.context === last.attempt.context)
    .reduce((best, outcome) => (sureness(outcome) > sureness(best) ? outcome : best), last);
}

function recognitionOf(
  row: LiveRow,
  outcome: Outcome,
  { tokenizer, nowMs }: { readonly tokenizer: TextTokenizer; readonly nowMs: number },
): Recognition {
  const { tokens, logProbs, noSpeechProb } = outcome.decoding;
  const kept = keptTokens(outcome);
  const whole = kept.length === tokens.length;
  return {
    text: whole ? outcome.text : tokenizer.decode(kept).trim(),
    tokens: kept,
    tokenLogProbs: whole ? logProbs : logProbs.slice(0, kept.length),
    words: null,
    temperature: outcome.attempt.temperature,
    noSpeechProb,
    context: outcome.attempt.context,
    attempts: row.attempt + 1,
    trips: row.trips,
    timings: {
      waitMs: row.waitMs,
      featuresMs: row.featuresMs,
      encodeMs: row.encodeMs,
      decodeMs: row.decodeMs,
      totalMs: nowMs - row.arrivedMs,
    },
  };
}

/** After the last attempt: nothing of silence, a loop's words once, all of anything else; a prefix stays whole. */
function keptTokens({ trip, ending, decoding }: Outcome): readonly TokenId[] {
  const { tokens, rules } = decoding;
  if (trip === 'silence') return rules.prefix;
  if (ending !== 'loop') return tokens;
  const kept = withoutLoop(tokens, loopPeriod(tokens));
  return kept.length < rules.prefix.length ? rules.prefix : kept;
}

function beginAttempt(
  job: UtteranceJob,
  attempt: Attempt,
  { previous, hotWords, config }: Pick<LiveRow, 'previous' | 'hotWords'> & { readonly config: WhisperConfig },
): readonly Hypothesis[] {
  const { samples, prefix, decoding } = job;
  const before = attempt.prompted ? previous : [];
  const prompt = [...before, ...job.prompt];
  const positions = { maxTokens: config.maxTokens, prompt: prompt.length, prefix: prefix.length };
  const forced = job.purpose === 'language' ? 1 : decoding.forcedTokenCount;
  const natural = decoding.tokenLimit === 'model' ? decoderRoom(positions) : tokenLimit(samples.length, positions);
  const begun = beginRow({
    prompt,
    start: before.length,
    prefix,
    endOfText: config.special.endOfText,
    limit: forced === null ? natural : Math.min(Math.max(forced, prefix.length), decoderRoom(positions)),
    forced: forced !== null,
    guarded: decoding.guards,
    hotWords,
    noise: attempt.temperature === 0 ? null : noiseOf(job, attempt, prompt),
  });
  return [{ decoding: begun, score: 0 }];
}

/** Draws follow from the audio and what is asked alone, so that a row says the same again, and in any batch. */
function noiseOf(
  { samples, prefix, hotWords }: UtteranceJob,
  { context, temperature }: Attempt,
  prompt: readonly TokenId[],
): NoiseRules {
  return { temperature, seed: seedOf(samples, JSON.stringify([context, temperature, prompt, prefix, hotWords])) };
}
