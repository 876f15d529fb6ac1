import type { ErrorCode } from '../../kernels/errors.ts';
import type { ErrorDescription } from '../describe-error.ts';
import { CLOSE_CODES, type CloseCode } from '../protocol/stream-messages.ts';

const LIMITS: ReadonlySet<ErrorCode> = new Set([
  'start_timeout',
  'stream_idle',
  'stream_too_long',
  'backlog_exceeded',
  'reader_too_slow',
]);

/** What a connection is closed with after a fatal error. */
export function closeCodeOf({ code, status }: Pick<ErrorDescription, 'code' | 'status'>): CloseCode {
  if (code === 'draining') return CLOSE_CODES.goingAway;
  if (code === 'session_unknown' || code === 'session_outdated') return CLOSE_CODES.unknownSession;
  if (LIMITS.has(code)) return CLOSE_CODES.limit;
  return status >= 500 ? CLOSE_CODES.internal : CLOSE_CODES.protocol;
}
