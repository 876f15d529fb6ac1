import type { RequestHandler } from 'express';
import { requestIdOf } from '../request-id.ts';

/** Gives the request its id, and puts it into the answer. */
export const nameRequest: RequestHandler = (request, response, next) => {
  response.locals.requestId = requestIdOf(request);
  response.set('x-request-id', response.locals.requestId);
  next();
};
