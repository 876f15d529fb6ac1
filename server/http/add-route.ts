import type { IRouter, RequestHandler } from 'express';
import { FloraAsrError } from '../../kernels/errors.ts';

/** A path that answers one method, and says so to the others. */
export function addRoute(app: IRouter, path: string, method: 'GET' | 'POST', ...handlers: readonly RequestHandler[]): void {
  const route = app.route(path);
  const allowed = method === 'GET' ? 'GET, HEAD' : method;
  if (method === 'GET') route.get(...handlers);
  else route.post(...handlers);
  route.all((request, response) => {
    response.set('allow', allowed);
    throw new FloraAsrError('method_not_allowed', `${path} takes ${allowed}, and not ${request.method}.`);
  });
}
