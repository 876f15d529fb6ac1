import express from 'express';
import type { Service } from '../service.ts';
import { type Scheduler, systemScheduler } from '../sockets/scheduler.ts';
import { addRoute } from './add-route.ts';
import { answerErrors, refuseUnknownRoute } from './answer-errors.ts';
import { answerRecording } from './audio-route.ts';
import { authenticate } from './authenticate.ts';
import { crossOrigin } from './cross-origin.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addLiveRoute } from './live-route.ts';
import { addModelRoutes } from './model-routes.ts';
import { observeRequests } from './observe-requests.ts';
import { nameRequest } from './request-id.ts';
import { securityHeaders } from './security-headers.ts';
import { parseTranscriptionRequest } from './transcription-request.ts';
import { parseTranslationRequest } from './translation-request.ts';

export interface HttpAppExtras {
  /** further pages, such as documentation; served without a key */
  readonly routes?: readonly express.Router[];
  /** monotonic milliseconds */
  readonly clock?: () => number;
  /** when the service began, in seconds since 1970 */
  readonly startedAt?: number;
  /** names the ffmpeg to run */
  readonly env?: NodeJS.ProcessEnv;
  readonly schedule?: Scheduler;
  /** how long a client that was refused may go on sending, until its connection is closed */
  readonly lingerMs?: number;
}

const LINGER_MS = 2_000;

/** The REST side of the service. It may be served before the model is there, and says so then. */
export function createHttpApp(service: Service, extras: HttpAppExtras = {}): express.Express {
  const { routes = [], clock = () => performance.now(), env = process.env, lingerMs = LINGER_MS } = extras;
  const { startedAt = Math.floor(Date.now() / 1000), schedule = systemScheduler } = extras;
  const { configuration } = service;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(nameRequest, observeRequests(service, clock), securityHeaders(configuration));
  app.use(crossOrigin(configuration));

  addHealthRoutes(app, service);
  const identified = authenticate(service.access);
  addRoute(app, '/metrics', 'GET', identified, async (_request, response) => {
    const { contentType, body } = await service.metrics.exposition();
    response.set('content-type', contentType).end(body);
  });
  addLiveRoute(app, { service, identified });
  addModelRoutes(app, { service, identified, startedAt });
  for (const [path, parse] of [
    ['/v1/audio/transcriptions', parseTranscriptionRequest],
    ['/v1/audio/translations', parseTranslationRequest],
  ] as const) {
    addRoute(app, path, 'POST', identified, answerRecording(service, { parse, env, schedule }));
  }
  for (const router of routes) app.use(router);

  app.use(refuseUnknownRoute);
  app.use(answerErrors(service, lingerMs));
  return app;
}
