import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { FloraAsrError } from '../../kernels/errors.ts';
import { describeError, type ErrorDescription } from '../describe-error.ts';
import type { ProtocolName } from '../observability/metrics.ts';
import type { ErrorBody } from '../protocol/rest-messages.ts';
import type { Service } from '../service.ts';
import { endGently } from './end-gently.ts';

/** How a protocol tells what was refused, or failed. */
export interface ErrorForm {
  readonly protocol: ProtocolName;
  readonly answer: (error: ErrorDescription, requestId: string) => ErrorAnswer;
}

export interface ErrorAnswer {
  /** left out, the error's own */
  readonly status?: number;
  /** sent as JSON */
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const OPENAI_FORM: ErrorForm = { protocol: 'rest', answer: (error) => ({ body: errorBody(error) }) };

/** Answers whatever was thrown, in OpenAI's form if left out; and logs what nobody expected. */
export function answerErrors(
  service: Pick<Service, 'log' | 'metrics'>,
  lingerMs: number,
  { protocol, answer }: ErrorForm = OPENAI_FORM,
): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const error = asServiceError(thrown);
    const description = noteFailure(error, response, service, protocol);
    if (response.headersSent) return next(error); // express ends the connection: half an answer must not look whole
    if (response.closed) return; // nobody is there to read it
    const { status = description.status, body: content, headers = {} } = answer(description, response.locals.requestId);
    setHeaders(response, description);
    const body = Buffer.from(JSON.stringify(content));
    response.status(status).set({ ...headers, 'content-type': 'application/json', 'content-length': `${body.length}` });
    endGently(request, response, { body: request.method === 'HEAD' ? Buffer.alloc(0) : body, lingerMs });
  };
}

/** Counts a failure, and logs it where nobody expected it; what its client is told of it. */
export function noteFailure(
  error: unknown,
  response: Response,
  { log, metrics }: Pick<Service, 'log' | 'metrics'>,
  protocol: ProtocolName = 'rest',
): ErrorDescription {
  const description = describeError(error);
  const { requestId, client } = response.locals;
  response.locals.failure = error;
  if (description.code !== 'cancelled') metrics.refused(protocol, description.code);
  if (UNEXPECTED.has(description.code)) log.error({ err: error, requestId, client: client?.name }, 'request failed');
  return description;
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

export function errorBody({ message, type, param, code }: ErrorDescription): ErrorBody {
  return { error: { message, type, param, code } };
}
