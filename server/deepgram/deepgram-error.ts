import type { ErrorCode } from '../../kernels/errors.ts';
import type { ErrorDescription } from '../describe-error.ts';
import type { ErrorMessage } from './messages.ts';
import { toSeconds } from './transcript.ts';

/** As Deepgram answers what it refuses, with our own stable code beside its coarser one. */
export interface DeepgramErrorBody {
  readonly err_code: string;
  readonly err_msg: string;
  readonly request_id: string;
  readonly code: ErrorCode;
  readonly param: string | null;
}

export function deepgramErrorBody(error: ErrorDescription, requestId: string): DeepgramErrorBody {
  const { code, message, param } = error;
  return { err_code: errCodeOf(error), err_msg: message, request_id: requestId, code, param };
}

/** What is refused before there is a stream, or an answer. */
export function deepgramRefusal(error: ErrorDescription, requestId: string) {
  return {
    status: deepgramStatus(error),
    body: deepgramErrorBody(error, requestId),
    headers: { 'dg-request-id': requestId, 'dg-error': headerText(error.message) },
  };
}

/** Deepgram knows no 404 here: what a query names and is not there is a query that is wrong. */
export function deepgramStatus({ status, code }: Pick<ErrorDescription, 'status' | 'code'>): number {
  return code === 'model_not_found' || code === 'adapter_not_found' ? 400 : status;
}

/** For `dg-error`: a header has one line of ASCII. */
export function headerText(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, '?').slice(0, 500);
}

/** What was lost, if anything was. */
export interface LostAudio {
  readonly channel: number | null;
  readonly startMs: number;
  readonly endMs: number;
}

export function errorMessage({ code, message }: ErrorDescription, lost: LostAudio | null = null): ErrorMessage {
  return {
    type: 'Error',
    variant: code,
    description: message,
    code,
    message,
    channel: lost?.channel ?? null,
    start: lost === null ? null : toSeconds(lost.startMs),
    end: lost === null ? null : toSeconds(lost.endMs),
  };
}

const LONGEST_QUOTE = 200;

/** A text message that is none. The stream goes on. */
export function schemaError(description: string, received: string): ErrorMessage {
  const message = received.slice(0, LONGEST_QUOTE);
  const nowhere = { channel: null, start: null, end: null };
  return { type: 'Error', variant: 'SchemaError', description, code: 'message_invalid', message, ...nowhere };
}

/** What a connection is closed with. SDKs connect anew after anything but 1000. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

export const FINISHED: Closing = { code: 1000, reason: '' };
export const GOING_AWAY: Closing = { code: 1001, reason: 'The service is shutting down' };

/** Audio that is none, as Deepgram names it. */
const NO_AUDIO: ReadonlySet<ErrorCode> = new Set([
  'audio_malformed',
  'audio_not_finite',
  'audio_unreadable',
  'audio_truncated',
  'audio_empty',
]);

/** What a connection is closed with after a fatal error; its last message told it in full. */
export function closingAfter({ code, status }: Pick<ErrorDescription, 'code' | 'status'>): Closing {
  if (code === 'draining') return GOING_AWAY;
  if (code === 'stream_idle') return { code: 1011, reason: 'NET-0001: neither audio nor a message came in time' };
  if (NO_AUDIO.has(code)) return { code: 1008, reason: 'DATA-0000: what came cannot be decoded as audio' };
  return status >= 500 ? { code: 1011, reason: `NET-0000: ${code}` } : { code: 1008, reason: code };
}

function errCodeOf({ status, param, code }: ErrorDescription): string {
  switch (status) {
    case 401:
      return 'INVALID_AUTH';
    case 403:
      return 'FORBIDDEN';
    case 405:
      return 'METHOD_NOT_ALLOWED';
    case 408:
      return 'SLOW_UPLOAD';
    case 413:
      return 'PAYLOAD_TOO_LARGE';
    case 415:
      return 'UNSUPPORTED_MEDIA_TYPE';
    case 429:
      return 'TOO_MANY_REQUESTS';
    case 503:
      return 'SERVICE_UNAVAILABLE';
    default:
      if (status >= 500) return 'INTERNAL_SERVER_ERROR';
      return param === null || code === 'file_missing' ? 'Bad Request' : 'INVALID_QUERY_PARAMETER';
  }
}
