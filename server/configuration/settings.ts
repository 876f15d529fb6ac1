import { z } from 'zod';

/** One setting: its variable in the environment, what it may be, and what it is for. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly variable: string;
  /** from text (environment) or from JSON (file) */
  readonly schema: Schema;
  readonly help: string;
  /** never shown, in no message and no log */
  readonly secret?: boolean;
}

function setting<Schema extends z.ZodType>(variable: string, schema: Schema, help: string, secret = false) {
  return { variable, schema, help, ...(secret && { secret }) } satisfies Setting<Schema>;
}

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const seconds = (least: number, most: number) => z.coerce.number().min(least).max(most);

/** `a,b` in the environment, a list in the file. */
const list = z
  .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
  .transform((entries) => entries.map((entry) => entry.trim()).filter((entry) => entry !== ''));

/** `key=value,key=value` in the environment, an object in the file. */
const map = z.union([
  z.record(z.string(), z.string()),
  z.string().transform((text, context) => {
    const pairs = text.split(',').filter((pair) => pair.trim() !== '');
    const entries = pairs.map((pair) => pair.split('=').map((part) => part.trim()));
    if (entries.some((entry) => entry.length !== 2 || entry.includes(''))) {
      context.addIssue({ code: 'custom', message: 'must be NAME=VALUE, separated by commas' });
      return z.NEVER;
    }
    return Object.fromEntries(entries) as Record<string, string>;
  }),
]);

const path = z.string().min(1);

/** Everything that can be set, by its name in the configuration file. */
export const SETTINGS = {
  host: setting('HOST', z.string().min(1).optional(), 'address to listen at; 127.0.0.1 without API keys, 0.0.0.0 with keys'),
  port: setting('PORT', count(0, 65_535).default(8080), 'port to listen at; 0 takes a free one'),
  tlsCert: setting(
    'TLS_CERT',
    path.optional(),
    'file with the certificate chain (PEM); with TLS_KEY, the port speaks https and wss',
  ),
  tlsKey: setting('TLS_KEY', path.optional(), 'file with the private key (PEM)'),

  apiKeys: setting(
    'API_KEYS',
    list.default([]),
    'keys that clients must send, NAME:KEY or KEY, separated by commas; NAME stands in logs',
    true,
  ),
  apiKeysFile: setting('API_KEYS_FILE', path.optional(), 'file with such keys, one a line; # begins a comment'),
  requireKeys: setting(
    'REQUIRE_KEYS',
    z.stringbool().or(z.boolean()).default(false),
    'refuse to start without keys, as the container does',
  ),
  allowedOrigins: setting(
    'ALLOWED_ORIGINS',
    list.default([]),
    'web origins, such as https://captions.example, whose pages may call the service; * for all; its own are always allowed',
  ),

  model: setting(
    'MODEL',
    z.string().min(1).default('whisper-base'),
    'name (npm run models -- list), or folder of a checkpoint',
  ),
  modelAliases: setting(
    'MODEL_ALIASES',
    list.default(['whisper-1', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe', 'nova-*']),
    'other names for the served model, routed by language; * at the end stands for anything',
  ),
  adapters: setting('ADAPTERS', list.default([]), 'folders with adapters, separated by commas'),
  languageDefaults: setting(
    'LANGUAGE_DEFAULTS',
    map.default({}),
    'LANGUAGE=ADAPTER where several adapters serve one language; * is any language',
  ),
  provider: setting(
    'PROVIDER',
    z.enum(['auto', 'cpu', 'cuda', 'webgpu']).default('auto'),
    'where the model runs: auto, cpu, cuda or webgpu',
  ),
  computeType: setting('COMPUTE_TYPE', z.enum(['auto', 'int8', 'fp32']).default('auto'), 'auto, int8 or fp32'),
  threads: setting('THREADS', count(1, 1_024).optional(), 'of the CPU, for the model; all cores if left out'),

  maxUploadBytes: setting('MAX_UPLOAD_BYTES', count(1, 2 ** 31).default(25 * 2 ** 20), 'of one file'),
  maxFileSeconds: setting('MAX_FILE_SECONDS', seconds(1, 86_400).default(7_200), 'of audio in one file'),
  uploadTimeoutSeconds: setting('UPLOAD_TIMEOUT_SECONDS', seconds(1, 3_600).default(120), 'for a request to arrive whole'),
  maxRequests: setting('MAX_REQUESTS', count(1, 100_000).default(64), 'transcriptions of files at once, all keys together'),
  maxRequestsPerKey: setting('MAX_REQUESTS_PER_KEY', count(1, 100_000).default(32), 'the same for one key'),
  maxStreams: setting('MAX_STREAMS', count(1, 100_000).default(128), 'open streams, all keys together'),
  maxStreamsPerKey: setting('MAX_STREAMS_PER_KEY', count(1, 100_000).default(128), 'the same for one key'),
  ratePerMinute: setting(
    'RATE_PER_MINUTE',
    count(1, 1_000_000).default(600),
    'requests and new streams of one key in a minute',
  ),
  maxRows: setting('MAX_ROWS', count(1, 100_000).default(256), 'utterances that wait or decode in the engine at once'),

  startTimeoutSeconds: setting('START_TIMEOUT_SECONDS', seconds(1, 600).default(10), 'for a stream to send its start message'),
  streamIdleSeconds: setting(
    'STREAM_IDLE_SECONDS',
    seconds(1, 86_400).default(3_600),
    'without any frame, until a stream is closed',
  ),
  maxStreamSeconds: setting('MAX_STREAM_SECONDS', seconds(1, 604_800).default(14_400), 'of audio in one stream'),
  streamBufferSeconds: setting(
    'STREAM_BUFFER_SECONDS',
    seconds(1, 3_600).default(60),
    'of audio that waits to be recognised, until a stream is not read from any more; twice as much is refused',
  ),
  maxFrameBytes: setting('MAX_FRAME_BYTES', count(1_024, 2 ** 27).default(2 ** 20), 'of one WebSocket message'),
  pingSeconds: setting('PING_SECONDS', seconds(1, 300).default(15), 'between pings; a client that misses two is gone'),

  drainSeconds: setting('DRAIN_SECONDS', seconds(0, 3_600).default(30), 'after SIGTERM, for what was accepted to be answered'),
  logLevel: setting(
    'LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    'trace, debug, info, warn, error or silent',
  ),
} as const;

export type SettingName = keyof typeof SETTINGS;
type Values = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** The settings, checked, with their defaults. Secrets are in it: never log it. */
export interface ServerConfiguration extends Omit<Values, 'host' | 'apiKeys' | 'apiKeysFile' | 'tlsCert' | 'tlsKey'> {
  readonly host: string;
  /** of `API_KEYS` and `API_KEYS_FILE` together */
  readonly apiKeys: readonly ApiKey[];
  readonly tls: { readonly certPath: string; readonly keyPath: string } | null;
}

export interface ApiKey {
  /** for logs and metrics; unique */
  readonly name: string;
  readonly key: string;
}
