import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

/** Takes the client's x-request-id where it is a harmless one, makes one otherwise, and puts it into the answer. */
export const nameRequest: RequestHandler = (request, response, next) => {
  const given = request.get('x-request-id');
  response.locals.requestId = given !== undefined && HARMLESS.test(given) ? given : randomUUID();
  response.set('x-request-id', response.locals.requestId);
  next();
};

/** It is written to logs as it is. */
const HARMLESS = /^[\w.-]{1,64}$/;
