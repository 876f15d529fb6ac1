import type { Request, RequestHandler, Response } from 'express';
import type { Client } from '../access/access.ts';
import { describeError } from '../describe-error.ts';
import type { Service } from '../service.ts';

declare module 'express-serve-static-core' {
  /** What is known of a request while it is answered: `response.locals`. */
  interface Locals {
    /** in the answer's x-request-id, and in the log */
    requestId: string;
    /** once it is known who asks */
    client?: Client;
    /** why it was refused, or failed */
    failure?: unknown;
  }
}

/**
 * Counts requests, and logs each when it is over. What is logged of it is the route's pattern: paths and queries may
 * hold what is a client's own.
 */
export function observeRequests({ metrics, log }: Pick<Service, 'metrics' | 'log'>, clock: () => number): RequestHandler {
  return (request, response, next) => {
    const startedMs = clock();
    metrics.requestStarted();
    // comes once, whether the answer went out whole or the client has gone
    response.once('close', () => {
      const what = { route: routeOf(request), status: statusOf(response), durationMs: clock() - startedMs };
      metrics.requestEnded(what);
      const { requestId, client, failure } = response.locals;
      const code = failure === undefined ? undefined : describeError(failure).code;
      const entry = { ...what, method: request.method, requestId, client: client?.name, code };
      if (what.route.startsWith('/health/')) log.debug(entry, 'request answered');
      else log.info(entry, 'request answered');
    });
    next();
  };
}

/** nginx's number for a client that did not wait. */
const CLIENT_GONE = 499;

function statusOf(response: Response): number {
  return response.writableFinished ? response.statusCode : CLIENT_GONE;
}

/** There are as many as there are routes, whatever is asked for. */
function routeOf({ route, baseUrl }: Request): string {
  const { path } = (route ?? {}) as { readonly path?: unknown };
  return typeof path === 'string' ? `${baseUrl}${path}` : 'other';
}
