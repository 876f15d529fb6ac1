import { type ErrorCode, FloraAsrError } from '../kernels/errors.ts';

/** An error as clients see it; the one place that gives codes their HTTP status. */
export interface ErrorDescription {
  readonly status: number;
  /** as OpenAI's API sorts them */
  readonly type: 'invalid_request_error' | 'authentication_error' | 'permission_error' | 'rate_limit_error' | 'server_error';
  readonly code: ErrorCode;
  readonly message: string;
  readonly param: string | null;
  readonly retryable: boolean;
  /** how long to wait before the same may succeed, where that is known */
  readonly retryAfterMs: number | null;
}

/** Codes that are not what the client sent wrongly (400). */
const STATUS: Partial<Record<ErrorCode, number>> = {
  key_missing: 401,
  key_unknown: 401,
  origin_forbidden: 403,
  route_not_found: 404,
  model_not_found: 404,
  adapter_not_found: 404,
  method_not_allowed: 405,
  upload_timeout: 408,
  adapter_exists: 409,
  adapter_ambiguous: 409,
  upload_too_large: 413,
  audio_too_large: 413,
  audio_too_long: 413,
  message_too_large: 413,
  media_type_unsupported: 415,
  rate_limited: 429,
  too_many_requests: 429,
  too_many_streams: 429,
  // nginx's number for a client that has gone; nobody reads it but the log
  cancelled: 499,
  queue_full: 503,
  starting: 503,
  draining: 503,
  engine_closed: 503,
  engine_failed: 500,
  ffmpeg_missing: 500,
  ffmpeg_timeout: 500,
  internal: 500,
  graph_invalid: 500,
  shape_mismatch: 500,
};

/** Anything that was thrown. Of what is no error of ours nothing is told but that it happened: it belongs into the log. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof FloraAsrError)) {
    return { ...shared('internal'), message: 'The service failed; its log says more.', param: null, retryAfterMs: null };
  }
  const { message, param, retryAfterMs } = error;
  return { ...shared(error.code), message, param, retryAfterMs };
}

function shared(code: ErrorCode) {
  const status = STATUS[code] ?? 400;
  const { retryable } = new FloraAsrError(code, '');
  return { status, type: typeOf(status), code, retryable } as const;
}

function typeOf(status: number): ErrorDescription['type'] {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
