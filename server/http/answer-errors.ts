import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { FloraAsrError } from '../../kernels/errors.ts';
import { describeError, type ErrorDescription } from '../describe-error.ts';
import type { ErrorBody } from '../protocol/rest-messages.ts';
import type { Service } from '../service.ts';
import { endGently } from './end-gently.ts';

/** Answers whatever was thrown, in OpenAI's form; and logs what nobody expected. */
export function answerErrors({ log, metrics }: Pick<Service, 'log' | 'metrics'>, lingerMs: number): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const error = asServiceError(thrown);
    const description = describeError(error);
    const { requestId, client } = response.locals;
    response.locals.failure = error;
    if (description.code !== 'cancelled') metrics.refused('rest', description.code);
    if (UNEXPECTED.has(description.code)) log.error({ err: error, requestId, client: client?.name }, 'request failed');
    if (response.headersSent) return next(error); // express ends the connection: half an answer must not look whole
    if (response.closed) return; // nobody is there to read it
    setHeaders(response, description);
    const body = Buffer.from(JSON.stringify(errorBody(description)));
    response.status(description.status).set('content-type', 'application/json').set('content-length', `${body.length}`);
    endGently(request, response, { body: request.method === 'HEAD' ? Buffer.alloc(0) : body, lingerMs });
  };
}

export const refuseUnknownRoute: RequestHandler = (request) => {
  throw new FloraAsrError(
    'route_not_found',
    `There is no ${request.method} ${request.path.slice(0, 200)}; /docs describes what there is.`,
  );
};

/** Failures of the service itself, which its operator has to hear of. */
const UNEXPECTED: ReadonlySet<string> = new Set([
  'internal',
  'engine_failed',
  'ffmpeg_missing',
  'ffmpeg_timeout',
  'graph_invalid',
  'shape_mismatch',
]);

/** Express and its parsers throw errors with a status, of what a client sent wrongly. */
function asServiceError(thrown: unknown): unknown {
  if (thrown instanceof FloraAsrError || !(thrown instanceof Error)) return thrown;
  const { status } = thrown as { readonly status?: unknown };
  if (typeof status !== 'number' || status < 400 || status > 499) return thrown;
  return new FloraAsrError('request_invalid', `The request cannot be read: ${thrown.message}`, { cause: thrown });
}

/** For what passes by itself, where nothing more exact is known. */
const DEFAULT_RETRY_AFTER_MS = 1_000;

function setHeaders(response: Response, { status, code, retryable, retryAfterMs }: ErrorDescription): void {
  response.set('cache-control', 'no-store');
  response.set('x-should-retry', `${retryable}`);
  if (retryable && (status === 429 || status === 503)) {
    response.set('retry-after', `${Math.ceil((retryAfterMs ?? DEFAULT_RETRY_AFTER_MS) / 1000)}`);
  }
  if (status === 401) response.set('www-authenticate', 'Bearer');
  // the client's next request shall find another server
  if (code === 'draining') response.set('connection', 'close');
}

function errorBody({ message, type, param, code }: ErrorDescription): ErrorBody {
  return { error: { message, type, param, code } };
}
