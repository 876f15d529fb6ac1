import type { ErrorCode } from '../../kernels/errors.ts';
import type { ErrorDescription } from '../describe-error.ts';

/** What `/v1/realtime` closes connections with (RFC 6455; 4000 to 4999 are our own). */
export const REALTIME_CLOSE_CODES = {
  /** the service drains; what was accepted has been answered */
  goingAway: 1001,
  /** a failure of the service */
  internal: 1011,
  /** the session was too long, or nobody said anything in it */
  limit: 4408,
} as const;

const LIMITS: ReadonlySet<ErrorCode> = new Set(['stream_idle', 'stream_too_long']);

/** Whether a session ends by it; all other errors leave it open. */
export function isFatal({ code, status }: Pick<ErrorDescription, 'code' | 'status'>): boolean {
  return LIMITS.has(code) || status >= 500;
}

/** What a connection is closed with after a fatal error. */
export function closeCodeOf({ code }: Pick<ErrorDescription, 'code'>): number {
  if (code === 'draining') return REALTIME_CLOSE_CODES.goingAway;
  return LIMITS.has(code) ? REALTIME_CLOSE_CODES.limit : REALTIME_CLOSE_CODES.internal;
}
