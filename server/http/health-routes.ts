import type { IRouter } from 'express';
import type { ReadinessBody } from '../protocol/rest-messages.ts';
import type { Service, ServiceState } from '../service.ts';
import { addRoute } from './add-route.ts';

const RETRY_AFTER_SECONDS = '1';

/** For orchestrators, which have no key. */
export function addHealthRoutes(app: IRouter, service: Pick<Service, 'state'>): void {
  addRoute(app, '/health/live', 'GET', (_request, response) => {
    response.set('cache-control', 'no-store').json({ status: 'live' });
  });
  addRoute(app, '/health/ready', 'GET', (_request, response) => {
    const body = readiness(service.state());
    if (body.status === 'starting') response.set('retry-after', RETRY_AFTER_SECONDS);
    response
      .status(body.status === 'ready' ? 200 : 503)
      .set('cache-control', 'no-store')
      .json(body);
  });
}

/** Why it failed is for the log: it may name paths, and anybody may ask here. */
function readiness(state: ServiceState): ReadinessBody {
  switch (state.kind) {
    case 'ready':
      return { status: 'ready', waiting_for: null };
    case 'starting':
      return { status: 'starting', waiting_for: state.waitingFor };
    case 'draining':
      return { status: 'draining', waiting_for: 'what was accepted to be answered, and then its end' };
    case 'failed':
      return { status: 'failed', waiting_for: 'a new start; the log says why' };
  }
}
