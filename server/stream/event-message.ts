import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import type { ErrorDescription } from '../describe-error.ts';
import type { FinalMessage, ServerMessage } from '../protocol/stream-messages.ts';
import type { LostAudio } from '../sockets/stream-record.ts';

type FinalEvent = Extract<SpeechEvent, { readonly kind: 'final' }>;
type ErrorMessage = Extract<ServerMessage, { readonly type: 'error' }>;

/** @param sequence finals of the stream before this one */
export function finalMessage(event: FinalEvent, { language, sequence }: { language: string; sequence: number }): FinalMessage {
  const { channel, startMs, endMs, endedBy, result } = event;
  return {
    type: 'final',
    sequence,
    channel,
    text: result.text,
    start: toSeconds(startMs),
    end: toSeconds(endMs),
    language,
    confidence: confidenceOf(result),
    adapter: result.adapter,
    ended_by: endedBy,
    timings: timingsOf(event),
  };
}

export function errorMessage(
  error: ErrorDescription,
  { fatal, lost }: { fatal: boolean; lost: LostAudio | null },
): ErrorMessage {
  const { code, message, param, retryable } = error;
  const channel = lost?.channel ?? null;
  const start = lost === null ? null : toSeconds(lost.startMs);
  const end = lost === null ? null : toSeconds(lost.endMs);
  return { type: 'error', code, message, param, retryable, fatal, channel, start, end };
}

/** Of the stream's own time; to the millisecond. */
export function toSeconds(ms: number): number {
  return Math.round(ms) / 1000;
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
