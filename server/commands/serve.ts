import { parseArgs } from 'node:util';
import { configurationHelp } from '../configuration/configuration-help.ts';
import { describeConfiguration } from '../configuration/describe-configuration.ts';
import { loadConfiguration } from '../configuration/load-configuration.ts';
import type { ServerConfiguration } from '../configuration/settings.ts';
import { createLog } from '../observability/create-log.ts';
import { startService } from '../start-service.ts';
import { interruption, runCommand } from './run-command.ts';
import { runtimeLine } from './runtime-line.ts';
import { setUpReport } from './set-up-report.ts';

const HELP = `Serves speech recognition: WebSocket streams at /v1/stream, files at POST /v1/audio/transcriptions.

Usage: npm start

Ready when GET /health/ready answers 200; /docs describes the API. SIGTERM and SIGINT drain: what was
accepted is answered first. A second signal ends it at once.

`;

/** @returns the process's exit code */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', default: false } } });
  if (values.help) {
    process.stdout.write(`${HELP}${configurationHelp()}`);
    return 0;
  }
  const configuration = loadConfiguration({ env: process.env });
  return serve(configuration, AbortSignal.any([interruption(), parentLost()]));
}

/** Aborted when the command that has started this service for itself is gone; never, if none has. */
function parentLost(): AbortSignal {
  const lost = new AbortController();
  process.once('disconnect', () => lost.abort());
  process.channel?.unref(); // it keeps nothing alive
  return lost.signal;
}

async function serve(configuration: ServerConfiguration, interrupted: AbortSignal): Promise<number> {
  const terminal = process.stdout.isTTY;
  const log = createLog({ level: configuration.logLevel, terminal });
  // a person has just set it, and wants to see the address
  log[terminal ? 'debug' : 'info']({ configuration: describeConfiguration(configuration) }, 'configured');
  const { onWeights, onEngine, end } = setUpReport(process.stderr);
  const service = await startService({ configuration, log, env: process.env, onWeights, onEngine });
  log.info({ url: service.url }, listeningMessage(configuration));
  const stopped = new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve();
    interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    const opened = await Promise.race([service.ready.finally(end), stopped.then(() => null)]);
    if (opened !== null) {
      const { engine } = opened;
      const adapters = engine.adapters.map(({ id }) => id);
      log.info({ url: service.url, runtime: runtimeLine(engine), adapters }, 'ready');
    }
    const lost = await Promise.race([service.lost, stopped.then(() => null)]);
    if (lost !== null) {
      log.fatal({ err: lost }, 'the model is lost');
      return 1;
    }
    log.info({ drainSeconds: configuration.drainSeconds }, 'draining');
  } finally {
    const answered = await service.stop();
    log[answered ? 'info' : 'warn']({ answered }, answered ? 'stopped' : 'stopped before all was answered');
  }
  return 0;
}

function listeningMessage({ apiKeys }: ServerConfiguration): string {
  if (apiKeys.length > 0) return 'listening';
  return 'listening on this machine only, and taking any bearer token, because there are no API keys';
}

await runCommand(main);
