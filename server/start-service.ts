import type { Logger } from 'pino';
import { FloraAsrError } from '../kernels/errors.ts';
import { createAccess } from './access/create-access.ts';
import { createDocsRouter } from './api-documents/docs-router.ts';
import type { ServerConfiguration } from './configuration/settings.ts';
import { deepgramProtocol } from './deepgram/deepgram-protocol.ts';
import { listenRouter } from './deepgram/listen-route.ts';
import { createHttpApp } from './http/create-http-app.ts';
import { listen } from './listen.ts';
import { createMetrics } from './observability/create-metrics.ts';
import type { OpenEngineOptions } from './open-engine.ts';
import { openRecogniser } from './open-recogniser.ts';
import { realtimeProtocol } from './realtime/realtime-protocol.ts';
import type { Recogniser } from './recogniser.ts';
import type { Service, ServiceState } from './service.ts';
import { createStreamServer } from './sockets/create-stream-server.ts';
import { nativeProtocol } from './stream/native-protocol.ts';
import { createPageRouter } from './web/page-router.ts';

export interface StartServiceOptions extends Pick<OpenEngineOptions, 'env' | 'onWeights' | 'onEngine'> {
  readonly configuration: ServerConfiguration;
  readonly log: Logger;
  /** how the model is opened; a bench may put a layer of its own around the engine */
  readonly open?: typeof openRecogniser;
}

/** A service that listens; its model may still be on its way. */
export interface RunningService {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** Resolves when it recognises. @throws FloraAsrError what keeps the model from opening */
  readonly ready: Promise<Recogniser>;
  /** Resolves, with the reason, if the model is lost for good: the process should end. */
  readonly lost: Promise<FloraAsrError>;
  /**
   * Drains: no new work is taken, and what was accepted is answered for at most `drainSeconds`. Then all is closed.
   * @returns whether all of it was answered
   */
  stop(): Promise<boolean>;
}

/**
 * Listens at once, so that `/health/ready` can tell what is still missing, and opens the model meanwhile.
 * @throws FloraAsrError `configuration_invalid` if the address cannot be listened at
 */
export async function startService(options: StartServiceOptions): Promise<RunningService> {
  const { configuration, log, open = openRecogniser, ...opening } = options;
  let state: ServiceState = { kind: 'starting', waitingFor: 'the model to open' };
  let tellLost: (cause: FloraAsrError) => void = () => undefined;
  const lost = new Promise<FloraAsrError>((resolve) => {
    tellLost = resolve;
  });
  const service = makeService({ configuration, log, state: () => state });
  const streams = createStreamServer(service, [
    nativeProtocol(service),
    deepgramProtocol({ env: opening.env }),
    realtimeProtocol(),
  ]);
  const listener = await listen(
    createHttpApp(service, { routes: [listenRouter(service, { env: opening.env }), createPageRouter(), createDocsRouter()] }),
    configuration,
  );
  streams.attach(listener.server);

  const model = open({
    ...opening,
    configuration,
    log,
    onWaiting: (waitingFor) => {
      if (state.kind === 'starting') state = { kind: 'starting', waitingFor };
    },
    onLost: (cause) => {
      state = { kind: 'failed', reason: cause.message };
      tellLost(cause);
    },
  });
  const ready = model.opened.then(
    (recogniser) => {
      if (state.kind === 'starting') state = { kind: 'ready', recogniser };
      return recogniser;
    },
    (error: unknown) => {
      if (state.kind === 'starting') state = { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
      throw error;
    },
  );
  ready.catch(() => undefined); // whoever awaits it hears of it; `stop` may come first

  const stop = async (): Promise<boolean> => {
    state = { kind: 'draining', recogniser: state.kind === 'ready' ? state.recogniser : null };
    model.abort();
    const answered = await within(configuration.drainSeconds * 1000, Promise.all([streams.drain(), listener.idle()]));
    streams.closeAll();
    await listener.close();
    await model.close();
    return answered;
  };
  return { url: listener.url, ready, lost, stop };
}

interface ServiceParts {
  readonly configuration: ServerConfiguration;
  readonly log: Logger;
  readonly state: () => ServiceState;
}

function makeService({ configuration, log, state }: ServiceParts): Service {
  const metrics = createMetrics();
  metrics.watch(async () => {
    const now = state();
    if (now.kind !== 'ready' && now.kind !== 'draining') return null;
    if (now.recogniser === null) return null;
    const { engine, rows } = now.recogniser;
    const model = { name: engine.base.name, runtime: engine.runtime };
    return { stats: await engine.stats(), rowsInFlight: engine.rowsInFlight, rowsWaiting: rows.waiting, model };
  });
  return { configuration, log, metrics, access: createAccess(configuration), state, recogniser: () => recogniserOf(state()) };
}

function recogniserOf(state: ServiceState): Recogniser {
  switch (state.kind) {
    case 'ready':
      return state.recogniser;
    case 'starting':
      throw new FloraAsrError('starting', `The service is starting, and waits for ${state.waitingFor}; try again soon.`);
    case 'draining':
      throw new FloraAsrError('draining', 'The service is shutting down and takes no new work; try again elsewhere or later.');
    case 'failed':
      throw new FloraAsrError('engine_closed', `The service has lost its model: ${state.reason}`);
  }
}

/** Whether it settled in time. */
async function within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    work.then(() => resolve(true), reject).finally(() => clearTimeout(timer));
  });
}
