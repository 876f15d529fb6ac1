import express, { type RequestHandler } from 'express';
import { FloraAsrError } from '../../kernels/errors.ts';
import { addRoute } from '../http/add-route.ts';
import { type PageFile, readPageFiles } from './page-files.ts';
import { pageFolder } from './page-folder.ts';

/** Its names hold a digest of what is in it. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';
/** The page has no style in its elements, nor anything from elsewhere: its policy is stricter than that of `/docs`. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** `/`: the page for people, if it has been built; else the way to the documentation. */
export function createPageRouter(folder: string = pageFolder()): express.Router {
  const files = readPageFiles(folder);
  const router = express.Router();
  const index = files?.get('index.html');
  const toDocs: RequestHandler = (_request, response) => response.redirect('/docs');
  addRoute(router, '/', 'GET', index === undefined ? toDocs : answerFile(() => index, ASK_AGAIN));
  addRoute(
    router,
    '/assets/:name',
    'GET',
    answerFile((name) => files?.get(`assets/${name}`), FOR_EVER),
  );
  addRoute(
    router,
    '/samples/:name',
    'GET',
    answerFile((name) => files?.get(`samples/${name}`), ASK_AGAIN),
  );
  return router;
}

function answerFile(find: (name: string) => PageFile | undefined, cacheControl: string): RequestHandler {
  return (request, response) => {
    const file = find(`${request.params['name']}`);
    if (file === undefined) throw new FloraAsrError('route_not_found', 'The page has no file of this name.');
    response.set({
      'cache-control': cacheControl,
      'content-security-policy': POLICY,
      'content-type': file.type,
      vary: 'accept-encoding',
    });
    const encoding = ([...file.encoded.keys()] as const).find((name) => request.acceptsEncodings(name) !== false);
    if (encoding !== undefined) response.set('content-encoding', encoding);
    response.end((encoding && file.encoded.get(encoding)) ?? file.body);
  };
}
