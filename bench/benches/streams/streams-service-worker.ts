import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { loadConfiguration } from '../../../server/configuration/load-configuration.ts';
import { createLog } from '../../../server/observability/create-log.ts';
import { openRecogniser } from '../../../server/open-recogniser.ts';
import type { Recogniser } from '../../../server/recogniser.ts';
import { type RunningService, startService } from '../../../server/start-service.ts';
import { forcedEngine } from './forced-engine.ts';
import { type ServiceReading, type ServiceRequest, type StartedService, serviceRequestSchema } from './service-protocol.ts';

/* The process of the service that the bench `streams` measures. It ends when its standard input does. */

const STDERR = 2;

let service = null as RunningService | null;
let recogniser = null as Recogniser | null;
for await (const line of createInterface({ input: process.stdin })) {
  const request = serviceRequestSchema.parse(JSON.parse(line));
  process.stdout.write(`${JSON.stringify({ id: request.id, ...(await answerTo(request)) })}\n`);
}
await service?.stop();

async function answerTo(request: ServiceRequest) {
  try {
    return { result: request.command === 'start' ? await start(request) : await read() };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { error: { type: name, message } };
  }
}

async function start({ tokensPerSecond }: Extract<ServiceRequest, { command: 'start' }>): Promise<StartedService> {
  const configuration = loadConfiguration({ env: process.env });
  service = await startService({
    configuration,
    // standard output belongs to the answers
    log: createLog({
      level: configuration.logLevel,
      terminal: false,
      destination: pino.destination({ fd: STDERR, sync: true }),
    }),
    env: process.env,
    onWeights: () => undefined,
    onEngine: () => undefined,
    ...(tokensPerSecond !== null && { open: openForced(tokensPerSecond) }),
  });
  recogniser = await service.ready;
  return { url: service.url, runtime: recogniser.engine.runtime };
}

/** Opens what the service opens, with a layer around the engine. */
function openForced(tokensPerSecond: number): typeof openRecogniser {
  return (options) => {
    const opening = openRecogniser(options);
    const opened = opening.opened.then((one) => ({ ...one, engine: forcedEngine(one.engine, tokensPerSecond) }));
    opened.catch(() => undefined); // the service awaits it
    return { ...opening, opened };
  };
}

async function read(): Promise<ServiceReading> {
  if (recogniser === null) throw new Error('The service has not started.');
  const stats = await recogniser.engine.stats();
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6, stats };
}
