import { type GuardTrip, guardTrip, loopPeriod, type RowEnding, withoutLoop } from '../decoding/guards.ts';
import { beginRow, type RowDecoding } from '../decoding/row-decoding.ts';
import { decoderRoom, tokenLimit } from '../decoding/token-limit.ts';
import type { TokenId, WhisperConfig } from '../whisper/config.ts';
import type { TextTokenizer } from '../whisper/tokenizer.ts';
import type { Recognition, UtteranceJob } from './job.ts';

/** A job between its arrival in the worker and its result. */
export interface LiveRow {
  readonly job: UtteranceJob;
  readonly arrivedMs: number;
  /** index into the job's contexts */
  attempt: number;
  /** when this attempt began to wait for the encoder */
  queuedMs: number;
  decoding: RowDecoding;
  readonly trips: GuardTrip[];
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

/** `retry`: the row is to be encoded again with the context of its next attempt. */
export type RowVerdict = { readonly kind: 'retry' } | { readonly kind: 'done'; readonly recognition: Recognition };

export function liveRow(job: UtteranceJob, nowMs: number, config: WhisperConfig): LiveRow {
  return {
    job,
    arrivedMs: nowMs,
    attempt: 0,
    queuedMs: nowMs,
    decoding: beginAttempt(job, config),
    trips: [],
    waitMs: 0,
    featuresMs: 0,
    encodeMs: 0,
    decodeMs: 0,
  };
}

/** Encoder positions of the row's current attempt. */
export function contextOf({ job, attempt }: LiveRow): number {
  const context = job.contexts[attempt];
  if (context === undefined) throw new RangeError(`Row ${job.id} has no attempt ${attempt}.`);
  return context;
}

/** Judges a row whose decoding has ended; on `retry` it stands at the beginning of its next attempt. */
export function judgeRow(row: LiveRow, { config, tokenizer }: RowContext, nowMs: number): RowVerdict {
  const { job, decoding } = row;
  const { ending, noSpeechProb, logProbs } = decoding;
  if (ending === null) throw new RangeError(`Row ${job.id} has not ended.`);
  const text = tokenizer.decode(decoding.tokens).trim();
  const trip = job.decoding.guards ? guardTrip({ text, tokenLogProbs: logProbs, noSpeechProb, ending }) : null;
  if (trip !== null) row.trips.push(trip);
  // silence does not become speech with more context
  if (trip !== null && trip !== 'silence' && job.decoding.retries && row.attempt + 1 < job.contexts.length) {
    row.attempt += 1;
    row.queuedMs = nowMs;
    row.decoding = beginAttempt(job, config);
    return { kind: 'retry' };
  }
  return { kind: 'done', recognition: recognitionOf(row, { tokenizer, nowMs, trip, ending, text }) };
}

interface Judged {
  readonly tokenizer: TextTokenizer;
  readonly nowMs: number;
  readonly trip: GuardTrip | null;
  readonly ending: RowEnding;
  readonly text: string;
}

function recognitionOf(row: LiveRow, { tokenizer, nowMs, trip, ending, text }: Judged): Recognition {
  const { tokens, logProbs, noSpeechProb } = row.decoding;
  const kept = keptTokens(tokens, trip, ending);
  const whole = kept.length === tokens.length;
  return {
    text: whole ? text : tokenizer.decode(kept).trim(),
    tokens: kept,
    tokenLogProbs: whole ? logProbs : logProbs.slice(0, kept.length),
    words: null,
    temperature: 0,
    noSpeechProb,
    context: contextOf(row),
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

/** After the last attempt: nothing of silence, a loop's words once, all of anything else. */
function keptTokens(tokens: readonly TokenId[], trip: GuardTrip | null, ending: RowEnding): readonly TokenId[] {
  if (trip === 'silence') return [];
  return ending === 'loop' ? withoutLoop(tokens, loopPeriod(tokens)) : tokens;
}

function beginAttempt({ samples, prompt, decoding }: UtteranceJob, config: WhisperConfig): RowDecoding {
  const positions = { maxTokens: config.maxTokens, prompt: prompt.length };
  const forced = decoding.forcedTokenCount;
  const natural = decoding.tokenLimit === 'model' ? decoderRoom(positions) : tokenLimit(samples.length, positions);
  return beginRow({
    prompt,
    endOfText: config.special.endOfText,
    limit: forced === null ? natural : Math.min(forced, decoderRoom(positions)),
    forced: forced !== null,
    guarded: decoding.guards,
  });
}
