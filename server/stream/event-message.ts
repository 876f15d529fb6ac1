import type { RecognisedWord } from '../../asr/engine/job.ts';
import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import type { ErrorDescription } from '../describe-error.ts';
import type { FinalMessage, ServerMessage, WordOnWire } from '../protocol/stream-messages.ts';
import type { LostAudio } from '../sockets/stream-record.ts';

type FinalEvent = Extract<SpeechEvent, { readonly kind: 'final' }>;
type PartialEvent = Extract<SpeechEvent, { readonly kind: 'partial' }>;
type PartialMessage = Extract<ServerMessage, { readonly type: 'partial' }>;
type ErrorMessage = Extract<ServerMessage, { readonly type: 'error' }>;

/** @param words whether those are told one by one, too */
export function partialMessage(event: PartialEvent, { words }: { words: boolean }): PartialMessage {
  const { channel, text, stableLength, startMs, endMs, language } = event;
  return {
    type: 'partial',
    channel,
    text,
    stable_length: stableLength,
    start: toSeconds(startMs),
    end: toSeconds(endMs),
    language,
    ...(words && { words: wordsOnWire(event.words, startMs) }),
  };
}

export interface FinalOptions {
  /** whether those are told one by one, too */
  readonly words: boolean;
  /** outcomes of the stream before this one */
  readonly sequence: number;
}

export function finalMessage(event: FinalEvent, { words, sequence }: FinalOptions): FinalMessage {
  const { channel, startMs, endMs, language, endedBy, result } = event;
  return {
    type: 'final',
    sequence,
    channel,
    text: result.text,
    start: toSeconds(startMs),
    end: toSeconds(endMs),
    language,
    ...(words && { words: wordsOnWire(result.words ?? [], startMs) }),
    confidence: confidenceOf(result),
    adapter: result.adapter,
    ended_by: endedBy,
    timings: timingsOf(event),
  };
}

export function errorMessage(
  error: ErrorDescription,
  { fatal, sequence, lost }: { fatal: boolean; sequence: number | null; lost: LostAudio | null },
): ErrorMessage {
  const { code, message, param, retryable } = error;
  const channel = lost?.channel ?? null;
  const start = lost === null ? null : toSeconds(lost.startMs);
  const end = lost === null ? null : toSeconds(lost.endMs);
  return { type: 'error', sequence, code, message, param, retryable, fatal, channel, start, end };
}

/** Of the stream's own time; to the millisecond. */
export function toSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}

/** @param startMs of their utterance */
function wordsOnWire(words: readonly RecognisedWord[], startMs: number): WordOnWire[] {
  return words.map((word) => ({
    text: word.text.trim(),
    start: toSeconds(startMs + word.startMs),
    end: toSeconds(startMs + word.endMs),
    confidence: word.probability,
  }));
}

/** The geometric mean of the tokens' probabilities. */
function confidenceOf({ text, tokenLogProbs }: RecognitionResult): number | null {
  if (text === '' || tokenLogProbs.length === 0) return null;
  const mean = tokenLogProbs.reduce((sum, logProb) => sum + logProb, 0) / tokenLogProbs.length;
  return Math.min(1, Math.exp(mean));
}

/** An utterance waits for room in the engine, for its batch, and for the others in it: it is what is left of the whole. */
function timingsOf({ result, endToFinalMs }: FinalEvent): FinalMessage['timings'] {
  const { featuresMs, encodeMs, decodeMs } = result.timings;
  return {
    wait_ms: toTenths(Math.max(0, endToFinalMs - featuresMs - encodeMs - decodeMs)),
    encode_ms: toTenths(featuresMs + encodeMs),
    decode_ms: toTenths(decodeMs),
    total_ms: toTenths(endToFinalMs),
  };
}

function toTenths(ms: number): number {
  return Math.round(10 * ms) / 10;
}
