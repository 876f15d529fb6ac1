import type { RequestHandler } from 'express';
import type { Access } from '../access/access.ts';
import { bearerToken } from '../access/bearer-token.ts';

/** Finds out who asks. @throws FloraAsrError (to the error handler) `key_missing`, `key_unknown` */
export function authenticate(access: Access): RequestHandler {
  return (request, response, next) => {
    response.locals.client = access.identify(bearerToken(request.get('authorization')));
    next();
  };
}
