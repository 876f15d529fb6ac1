import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, type Response } from 'express';
import { FloraAsrError } from '../../kernels/errors.ts';
import { addRoute } from '../http/add-route.ts';
import { asyncapiDocument } from './asyncapi-document.ts';
import { landingPage } from './landing-page.ts';
import { openapiDocument } from './openapi-document.ts';
import { REST_PAGE } from './rest-page.ts';
import { streamPage } from './stream-page.ts';

/** `/docs`: the interfaces, to read, to try, and for programs. Everything comes from this service, and needs no key. */
export function createDocsRouter(): express.Router {
  const asyncapi = asyncapiDocument();
  const router = express.Router();
  addRoute(router, '/docs', 'GET', answerText('text/html', landingPage()));
  addRoute(router, '/docs/rest/', 'GET', answerText('text/html', REST_PAGE));
  addRoute(router, '/docs/stream/', 'GET', answerText('text/html', streamPage(asyncapi)));
  addRoute(router, '/docs/openapi.json', 'GET', answerText('application/json', JSON.stringify(openapiDocument())));
  addRoute(router, '/docs/asyncapi.json', 'GET', answerText('application/json', JSON.stringify(asyncapi)));
  addRoute(router, '/docs/assets/:name', 'GET', answerAsset);
  return router;
}

function answerText(type: string, text: string): RequestHandler {
  return (_request, response) => {
    response.type(type).set('cache-control', 'no-cache').send(text);
  };
}

const OWN_FOLDER = fileURLToPath(new URL('./assets/', import.meta.url));
const require = createRequire(import.meta.url);
const SWAGGER_FOLDER = path.dirname(require.resolve('swagger-ui-dist/package.json'));

/** Nothing else is served, whatever the path says. */
const FOLDERS: ReadonlyMap<string, string> = new Map([
  ['docs.css', OWN_FOLDER],
  ['swagger-initializer.js', OWN_FOLDER],
  ['swagger-ui.css', SWAGGER_FOLDER],
  ['swagger-ui-bundle.js', SWAGGER_FOLDER],
  ['favicon-32x32.png', SWAGGER_FOLDER],
]);

const answerAsset: RequestHandler = async (request, response) => {
  const name = `${request.params['name']}`;
  const root = FOLDERS.get(name);
  if (root === undefined) throw new FloraAsrError('route_not_found', `The documentation has no file of this name.`);
  await sendFile(response, { name, root });
};

/** Files are the same for as long as the package is. */
const MAX_AGE_MS = 3_600_000;

async function sendFile(response: Response, { name, root }: { name: string; root: string }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    response.sendFile(name, { root, maxAge: MAX_AGE_MS }, (error) => {
      // a client that has gone needs no answer
      if (error === undefined || error === null || response.closed) resolve();
      else reject(error);
    });
  });
}
