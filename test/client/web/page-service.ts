import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { loadConfiguration } from '../../../server/configuration/load-configuration.ts';
import type { ServerConfiguration } from '../../../server/configuration/settings.ts';
import { openRecogniser } from '../../../server/open-recogniser.ts';
import type { Recogniser } from '../../../server/recogniser.ts';
import { type RunningService, startService } from '../../../server/start-service.ts';

const BUILD = fileURLToPath(new URL('../../../scripts/build-page.mjs', import.meta.url));

/** The page, built from its present sources, and services of one real model that serve it. */
export interface PageServices {
  start(configuration?: Partial<ServerConfiguration>): Promise<RunningService>;
  close(): Promise<void>;
}

export async function pageServices(): Promise<PageServices> {
  await promisify(execFile)(process.execPath, [BUILD]);
  const log = pino({ level: 'silent' });
  const opening = openRecogniser({
    configuration: configurationOf(),
    log,
    env: process.env,
    onWeights: () => undefined,
    onEngine: () => undefined,
    onWaiting: () => undefined,
    onLost: () => undefined,
  });
  const recogniser: Recogniser = await opening.opened;
  const services: RunningService[] = [];
  return {
    async start(configuration) {
      const service = await startService({
        configuration: configurationOf(configuration),
        log,
        env: process.env,
        onWeights: () => undefined,
        onEngine: () => undefined,
        // the model stays, whichever service goes
        open: () => ({ opened: Promise.resolve(recogniser), abort: () => undefined, close: async () => undefined }),
      });
      services.push(service);
      await service.ready;
      return service;
    },
    async close() {
      await Promise.all(services.map((service) => service.stop()));
      await opening.close();
    },
  };
}

function configurationOf(changes: Partial<ServerConfiguration> = {}): ServerConfiguration {
  const defaults = loadConfiguration({ env: {} });
  return { ...defaults, port: 0, drainSeconds: 1, ...changes };
}
