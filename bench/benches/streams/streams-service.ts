import { fileURLToPath } from 'node:url';
import { JsonLinesProcess } from '../../peers/json-lines-process.ts';
import type { ServiceReading, StartedService } from './service-protocol.ts';

export interface StreamsServiceOptions {
  /** what the service is set to, above `env` */
  readonly settings: Readonly<Record<string, string>>;
  /** null: rows end when the model says so */
  readonly tokensPerSecond: number | null;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** The service in a process of its own, so that its memory and its time are its own. */
export interface StreamsService extends StartedService {
  read(): Promise<ServiceReading>;
  /** Drains, and waits for the end. */
  close(): Promise<void>;
}

const LAUNCHER = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url));
const ENTRY = 'bench/benches/streams/streams-service-worker.ts';

/** What whoever runs the bench may have set for a service of theirs. */
const UNSET = { FLORA_ASR_CONFIG: '', API_KEYS: '', API_KEYS_FILE: '', TLS_CERT: '', TLS_KEY: '', LANGUAGE_DEFAULTS: '' };

/** Resolves when the service recognises. @throws FloraAsrError `tool_failed` with its last words, `cancelled` */
export async function startStreamsService(options: StreamsServiceOptions): Promise<StreamsService> {
  const { settings, tokensPerSecond, env, signal } = options;
  const child = new JsonLinesProcess({
    program: process.execPath,
    args: [LAUNCHER, ENTRY],
    env: { ...env, ...UNSET, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn', ...settings },
    signal,
  });
  try {
    // both ends are ours, of one version
    const started = (await child.request('start', { tokensPerSecond })) as StartedService;
    return {
      ...started,
      read: async () => (await child.request('read', {})) as ServiceReading,
      close: () => child.close(),
    };
  } catch (error) {
    await child.close();
    throw error;
  }
}
