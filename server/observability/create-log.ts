import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { ServerConfiguration } from '../configuration/settings.ts';
import { describeThrown } from './describe-thrown.ts';

export interface LogOptions {
  readonly level: ServerConfiguration['logLevel'];
  /** whether a person reads it: lines for eyes, in colours, instead of JSON */
  readonly terminal: boolean;
  /** left out, standard output */
  readonly destination?: DestinationStream;
}

/**
 * The service's log. It goes to standard output, because it is what the service says, and what collectors read;
 * standard error is left to the progress of downloads, and to Node's own last words. Lines are written before the call
 * returns, so that the last one before a crash is there.
 *
 * Messages are static, and what varies stands in fields. Neither keys nor words of an utterance may be given to it;
 * fields of such names are blotted out all the same.
 */
export function createLog({ level, terminal, destination }: LogOptions): Logger {
  const options: LoggerOptions = {
    level,
    base: null, // host and process are known to whoever collects it
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeThrown },
    redact: { paths: atDepths(SECRET, DEEPEST), censor: '[redacted]' },
  };
  const lines = destination ?? pino.destination({ fd: STDOUT, sync: true });
  if (!terminal) return pino(options, lines);
  const prettify = prettyFactory({ colorize: true, translateTime: 'SYS:HH:MM:ss.l' });
  return pino(options, { write: (line) => lines.write(prettify(line)) });
}

const STDOUT = 1;

const SECRET = [
  'authorization',
  '["proxy-authorization"]',
  'cookie',
  '["sec-websocket-protocol"]', // browsers put keys there
  'key',
  'token',
  'apiKey',
  'password',
  'text',
  'transcript',
  'audio',
  'samples',
];
const DEEPEST = 3;

/** `key`, `*.key`, `*.*.key`, … : pino's paths begin at the top. */
function atDepths(names: readonly string[], deepest: number): string[] {
  return names.flatMap((name) =>
    Array.from({ length: deepest + 1 }, (_, depth) => {
      const above = Array.from({ length: depth }, () => '*').join('.');
      return above === '' ? name : `${above}${name.startsWith('[') ? '' : '.'}${name}`;
    }),
  );
}
