import type { z } from 'zod';
import { DEFAULT_BEAM_SIZES, WIDEST_BEAM } from '../../asr/engine/beam-sizes.ts';
import { DEFAULT_ADAPTERS } from '../chosen-adapters.ts';
import { list, map, oneOf, seconds, text, wholeNumber, yesOrNo } from './setting-values.ts';

/** One setting: its variable in the environment, what it may be, and what it is for. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly group: SettingGroup;
  readonly variable: string;
  /** from text (environment) or from JSON (file) */
  readonly schema: Schema;
  readonly help: string;
  /** never shown, in no message and no log */
  readonly secret: boolean;
}

/** As help and documentation show them, in this order. */
export const SETTING_GROUPS = ['network', 'access', 'model', 'limits', 'streams', 'operation'] as const;
export type SettingGroup = (typeof SETTING_GROUPS)[number];

const inGroup =
  (group: SettingGroup, { secret = false } = {}) =>
  <Schema extends z.ZodType>(variable: string, schema: Schema, help: string): Setting<Schema> => ({
    group,
    variable,
    schema,
    help,
    secret,
  });

const network = inGroup('network');
const access = inGroup('access');
const secretAccess = inGroup('access', { secret: true });
const model = inGroup('model');
const limits = inGroup('limits');
const streams = inGroup('streams');
const operation = inGroup('operation');

const path = text('a path');

/** Everything that can be set, by its name in the configuration file. */
export const SETTINGS = {
  host: network(
    'HOST',
    text('an address or a host name').optional(),
    'address to listen at; 127.0.0.1 without API keys, 0.0.0.0 with keys',
  ),
  port: network('PORT', wholeNumber(0, 65_535).default(8080), 'port to listen at; 0 takes a free one'),
  tlsCert: network(
    'TLS_CERT',
    path.optional(),
    'file with the certificate chain (PEM); with TLS_KEY, the port speaks https and wss',
  ),
  tlsKey: network('TLS_KEY', path.optional(), 'file with the private key (PEM)'),

  apiKeys: secretAccess(
    'API_KEYS',
    list('NAME:KEY or KEY').default([]),
    'keys that clients must send, NAME:KEY or KEY, separated by commas; NAME stands in logs',
  ),
  apiKeysFile: access('API_KEYS_FILE', path.optional(), 'file with such keys, one a line; # begins a comment'),
  requireKeys: access('REQUIRE_KEYS', yesOrNo().default(false), 'refuse to start without keys, as the container does'),
  allowedOrigins: access(
    'ALLOWED_ORIGINS',
    list('* or web origins such as https://captions.example', isOrigin).default([]),
    'web origins, such as https://captions.example, whose pages may call the service; * for all; its own are always allowed',
  ),

  model: model(
    'MODEL',
    text('the name or folder of a model').default('whisper-base'),
    'name (npm run models -- list), or folder of a checkpoint',
  ),
  modelAliases: model(
    'MODEL_ALIASES',
    list('names, with * at the end at most', (name) => /^[^*]*[*]?$/.test(name)).default([
      'whisper-1',
      'gpt-transcribe',
      'gpt-4o-transcribe',
      'gpt-4o-mini-transcribe',
      'nova-*',
    ]),
    'other names for the served model, routed by language; * at the end stands for anything',
  ),
  adapters: model(
    'ADAPTERS',
    list('folders').default([...DEFAULT_ADAPTERS]),
    'folders with adapters, separated by commas; published: those that come with it; none: none',
  ),
  languageDefaults: model(
    'LANGUAGE_DEFAULTS',
    map('LANGUAGE=ADAPTER').default({}),
    'LANGUAGE=ADAPTER where several adapters serve one language; * is any language',
  ),
  detectLanguages: model(
    'DETECT_LANGUAGES',
    list('BCP-47 tags such as el or es-419, or all', isLanguageTag).default([]),
    'languages among which that of speech is found, where its client says none; all: all that the model knows; left out: those with an adapter, and English',
  ),
  provider: model(
    'PROVIDER',
    oneOf(['auto', 'cpu', 'cuda', 'webgpu']).default('auto'),
    'where the model runs: auto, cpu, cuda or webgpu',
  ),
  computeType: model('COMPUTE_TYPE', oneOf(['auto', 'int8', 'fp32']).default('auto'), 'auto, int8 or fp32'),
  beamSize: model(
    'BEAM_SIZE',
    wholeNumber(1, WIDEST_BEAM).default(DEFAULT_BEAM_SIZES.file),
    'texts that are followed side by side for each utterance of a recording: more are right more often, and take longer',
  ),
  streamBeamSize: model(
    'STREAM_BEAM_SIZE',
    wholeNumber(1, WIDEST_BEAM).default(DEFAULT_BEAM_SIZES.live),
    'the same for the final texts of streams',
  ),
  threads: model(
    'THREADS',
    wholeNumber(1, 1_024).optional(),
    'of the CPU, for the model: half for the encoder, half for the decoder; all cores if left out',
  ),

  maxUploadBytes: limits(
    'MAX_UPLOAD_BYTES',
    wholeNumber(1, 2 ** 31).default(25 * 2 ** 20),
    "of one file; OpenAI's limit of 25 MiB",
  ),
  maxFileSeconds: limits('MAX_FILE_SECONDS', seconds(1, 86_400).default(7_200), 'of audio in one file'),
  uploadTimeoutSeconds: limits('UPLOAD_TIMEOUT_SECONDS', seconds(1, 3_600).default(120), 'for a request to arrive whole'),
  maxRequests: limits(
    'MAX_REQUESTS',
    wholeNumber(1, 100_000).default(64),
    'transcriptions of files at once, all keys together',
  ),
  maxRequestsPerKey: limits('MAX_REQUESTS_PER_KEY', wholeNumber(1, 100_000).default(64), 'the same for one key'),
  maxStreams: limits('MAX_STREAMS', wholeNumber(1, 100_000).default(128), 'open streams, all keys together'),
  maxStreamsPerKey: limits('MAX_STREAMS_PER_KEY', wholeNumber(1, 100_000).default(128), 'the same for one key'),
  ratePerMinute: limits(
    'RATE_PER_MINUTE',
    wholeNumber(1, 1_000_000).default(6_000),
    'requests and new streams of one key in a minute; without keys, all clients are one',
  ),
  maxRows: limits('MAX_ROWS', wholeNumber(1, 100_000).default(256), 'utterances that wait or decode in the engine at once'),

  startTimeoutSeconds: streams('START_TIMEOUT_SECONDS', seconds(1, 600).default(10), 'for a stream to send its start message'),
  streamIdleSeconds: streams(
    'STREAM_IDLE_SECONDS',
    seconds(1, 86_400).default(3_600),
    'without any frame, until a stream is closed',
  ),
  maxStreamSeconds: streams('MAX_STREAM_SECONDS', seconds(1, 604_800).default(14_400), 'of audio in one stream'),
  streamBufferSeconds: streams(
    'STREAM_BUFFER_SECONDS',
    seconds(1, 3_600).default(60),
    'of audio that waits to be recognised, until a stream is not read from any more; twice as much is refused',
  ),
  maxFrameBytes: streams('MAX_FRAME_BYTES', wholeNumber(1_024, 2 ** 27).default(2 ** 20), 'of one WebSocket message'),
  resumeWindowSeconds: streams(
    'RESUME_WINDOW_SECONDS',
    seconds(0, 3_600).default(60),
    'for which a resumable stream is kept when its connection is lost; 0: none is',
  ),
  maxDetachedStreams: streams(
    'MAX_DETACHED_STREAMS',
    wholeNumber(0, 100_000).default(128),
    'streams that are kept without a connection, all keys together',
  ),
  maxDetachedPerKey: streams('MAX_DETACHED_PER_KEY', wholeNumber(0, 100_000).default(128), 'the same for one key'),
  pingSeconds: streams('PING_SECONDS', seconds(1, 300).default(15), 'between pings; a client that misses two is gone'),

  drainSeconds: operation(
    'DRAIN_SECONDS',
    seconds(0, 3_600).default(30),
    'after SIGTERM, for what was accepted to be answered',
  ),
  logLevel: operation(
    'LOG_LEVEL',
    oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    'trace, debug, info, warn, error or silent',
  ),
} as const;

export type SettingName = keyof typeof SETTINGS;
type SettingValues = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** The settings, checked, with their defaults. Secrets are in it: never log it. */
export interface ServerConfiguration extends Omit<SettingValues, 'host' | 'apiKeys' | 'apiKeysFile' | 'tlsCert' | 'tlsKey'> {
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

function isLanguageTag(entry: string): boolean {
  try {
    return new Intl.Locale(entry).language !== '';
  } catch {
    return false;
  }
}

/** A path or a query would never match what browsers send. */
function isOrigin(entry: string): boolean {
  if (entry === '*') return true;
  if (!URL.canParse(entry)) return false;
  const { protocol, pathname, search, hash, username } = new URL(entry);
  return /^https?:$/.test(protocol) && pathname === '/' && `${search}${hash}${username}` === '';
}
