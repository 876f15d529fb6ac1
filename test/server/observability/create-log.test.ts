import { expect, test } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { describeConfiguration } from '../../../server/configuration/describe-configuration.ts';
import { loadConfiguration } from '../../../server/configuration/load-configuration.ts';
import { createLog } from '../../../server/observability/create-log.ts';

const KEY = 'k3y-0f-the-captions-application';
const WORDS = 'ένα μυστικό';

function keptLines() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
}

function parsed(line: string | undefined): Record<string, unknown> {
  return JSON.parse(`${line}`) as Record<string, unknown>;
}

test('a line is one JSON object with level, time in ISO 8601, fields and message', () => {
  const { lines, destination } = keptLines();
  createLog({ level: 'info', terminal: false, destination }).info({ route: '/v1/models', status: 200 }, 'request answered');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  expect(parsed(lines[0])).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    route: '/v1/models',
    status: 200,
    msg: 'request answered',
  });
});

test('what is below the level is not written, and nothing is when it is silent', () => {
  const { lines, destination } = keptLines();
  createLog({ level: 'warn', terminal: false, destination }).info('listening');
  createLog({ level: 'silent', terminal: false, destination }).fatal('the model is lost');
  expect(lines).toEqual([]);
  createLog({ level: 'warn', terminal: false, destination }).warn('stopped before all was answered');
  expect(lines).toHaveLength(1);
});

test('errors are told with class, code, stack and causes, and with nothing else that hangs on them', () => {
  const { lines, destination } = keptLines();
  const log = createLog({ level: 'info', terminal: false, destination });
  const socketError = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', request: { body: WORDS } });
  log.error({ err: new FloraAsrError('engine_failed', 'The worker was lost.', { cause: socketError }) }, 'request failed');
  expect(parsed(lines[0])['err']).toEqual({
    type: 'FloraAsrError',
    code: 'engine_failed',
    message: 'The worker was lost.',
    stack: expect.stringContaining('create-log.test.ts'),
    cause: { type: 'Error', code: 'ECONNRESET', message: 'read ECONNRESET', stack: expect.any(String) },
  });
});

test('what is thrown and is no error is not repeated: it may be anything', () => {
  const { lines, destination } = keptLines();
  createLog({ level: 'info', terminal: false, destination }).error({ err: WORDS }, 'request failed');
  expect(parsed(lines[0])['err']).toMatchObject({ type: 'string', message: expect.any(String) });
  expect(lines.join()).not.toContain(WORDS);
});

test('a chain of causes that bites its tail ends', () => {
  const { lines, destination } = keptLines();
  const error = new Error('the same again');
  error.cause = error;
  createLog({ level: 'info', terminal: false, destination }).error({ err: error }, 'request failed');
  expect(lines[0]?.match(/the same again/g)?.length).toBeLessThan(20);
});

test.each([false, true])('neither keys nor words are written, wherever they are (terminal: %s)', (terminal) => {
  const { lines, destination } = keptLines();
  const log = createLog({ level: 'trace', terminal, destination });
  const configuration = loadConfiguration({ env: { API_KEYS: `captions:${KEY}` } });
  const headers = { authorization: `Bearer ${KEY}`, cookie: KEY, 'sec-websocket-protocol': `token, ${KEY}` };
  log.info({ configuration: describeConfiguration(configuration) }, 'listening');
  log.info({ configuration }, 'by mistake');
  log.info({ apiKeys: configuration.apiKeys, token: KEY, key: KEY }, 'by mistake');
  log.info({ headers, request: { headers, req: { headers } } }, 'by mistake');
  log.info(
    { text: WORDS, result: { text: WORDS }, event: { final: { text: WORDS } }, segments: [{ text: WORDS }] },
    'by mistake',
  );
  log.child({ client: 'captions', authorization: KEY }).warn({ transcript: WORDS, route: '/v1/stream' }, 'by mistake');
  const written = lines.join('');
  expect(written).toContain('captions');
  expect(written).toContain('/v1/stream');
  expect(lines).toHaveLength(6);
  expect(written).not.toContain(KEY);
  expect(written).not.toContain(WORDS);
});

test('a person at a terminal reads lines, and not JSON', () => {
  const { lines, destination } = keptLines();
  createLog({ level: 'info', terminal: true, destination }).info({ url: 'http://127.0.0.1:8080' }, 'listening');
  expect(() => JSON.parse(lines.join('')) as unknown).toThrow(SyntaxError);
  expect(lines.join('')).toMatch(/INFO.*listening[\s\S]*url[\s\S]*http:\/\/127\.0\.0\.1:8080/);
});
