import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { FloraAsrError } from '../../kernels/errors.ts';

export interface LocalServiceOptions {
  readonly env: NodeJS.ProcessEnv;
  /** the settings that differ from those of the environment, by variable */
  readonly settings: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A service for one command, in a process of its own. */
export interface LocalService {
  readonly url: string;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

/** Nobody else is meant to find it, and the settings of one that is served to others are none of its own. */
const PRIVATE = {
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'info',
  FLORA_ASR_CONFIG: '',
  API_KEYS: '',
  API_KEYS_FILE: '',
  REQUIRE_KEYS: '',
  TLS_CERT: '',
  TLS_KEY: '',
} as const;

/**
 * Starts `serve` and waits until it recognises. Its downloads are shown as ever; it ends with this process, whatever
 * ends that.
 * @throws FloraAsrError `tool_failed`, `cancelled`
 */
export async function startLocalService({ env, settings, signal }: LocalServiceOptions): Promise<LocalService> {
  const child = spawn(process.execPath, serveCommand(), {
    env: { ...env, ...PRIVATE, ...settings },
    // by the channel it knows that we are there
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    // Ctrl-C is for us: we still want the last words
    detached: true,
  });
  const gone = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, by) => resolve(`it ended with ${by ?? `exit code ${code}`}`));
  });
  const stop = async () => {
    child.kill();
    await gone;
  };
  const abort = () => void child.kill();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const url = await Promise.race([readyAddress(child.stdout as Readable), gone.then(notStarted)]);
    return { url, stop };
  } catch (error) {
    await stop();
    if (signal.aborted)
      throw new FloraAsrError('cancelled', 'It was cancelled before the service was ready.', { cause: error });
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** As this module runs: built, or from the TypeScript. */
function serveCommand(): readonly string[] {
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const serve = fileURLToPath(new URL(`../../server/commands/serve${ending}`, import.meta.url));
  if (serve.endsWith('.js')) return [serve];
  return [fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url)), serve];
}

/** From its log, whose messages are static. */
async function readyAddress(log: Readable): Promise<string> {
  const lines = createInterface({ input: log });
  return new Promise((resolve) => {
    // it is read to its end: a service whose log nobody reads would wait for room in the pipe
    lines.on('line', (line) => {
      const { msg, url } = parse(line);
      if (msg === 'ready' && url !== undefined) resolve(url);
    });
  });
}

function parse(line: string): { readonly msg?: string; readonly url?: string } {
  try {
    return JSON.parse(line) as { readonly msg?: string; readonly url?: string };
  } catch {
    return {};
  }
}

function notStarted(reason: string): never {
  throw new FloraAsrError('tool_failed', `The local service could not be started: ${reason}. It says more above.`);
}
