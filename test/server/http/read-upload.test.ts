import { connect, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { signalOf, windowsOf } from '../../support/level-detector.ts';
import { httpServers, rawExchange } from '../../support/serve-http.ts';
import { createTestService, type TestService } from '../../support/test-service.ts';
import { wavOf } from '../../support/wav.ts';

const ROUTE = '/v1/audio/transcriptions';
const BOUNDARY = 'frontier';
const WAV = wavOf(signalOf(windowsOf([40, 0.75], [40, 0])));
const MULTIPART = `content-type: multipart/form-data; boundary=${BOUNDARY}`;

const servers = httpServers();
/** Does not wait for those who send on after they were refused. */
const serve = (service: TestService) => servers(service, { lingerMs: 20 });

/** The parts of a form, written by hand. */
const field = (name: string, value: string) =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const fileHead = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n`;
const END = `\r\n--${BOUNDARY}--\r\n`;

function bytes(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
}

function head(...headers: readonly string[]): string {
  return [`POST ${ROUTE} HTTP/1.1`, 'host: x', 'connection: close', ...headers, '', ''].join('\r\n');
}

/** A request with its length. */
function request(...parts: readonly (string | Uint8Array)[]): Buffer {
  const body = bytes(...parts);
  return bytes(head(MULTIPART, `content-length: ${body.length}`), body);
}

function chunk(part: string | Uint8Array): Buffer {
  const body = bytes(part);
  return bytes(`${body.length.toString(16)}\r\n`, body, '\r\n');
}

async function answerTo(raw: string | Uint8Array, configuration = {}) {
  const service = createTestService({ configuration });
  const answer = await rawExchange(await serve(service), raw);
  return { service, status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), code: /"code":"(\w+)"/.exec(answer)?.[1], answer };
}

/** A connection that a test feeds by hand. */
async function open(url: URL): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(Number(url.port), url.hostname);
  let heard = '';
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    heard += data.toString('utf8');
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { socket, heard: () => heard };
}

describe('a form', () => {
  it('is read whether its length is said or not, and however it is cut', async () => {
    const parts = [field('language', 'el'), fileHead, WAV, END];
    expect(await answerTo(request(...parts))).toMatchObject({ status: 200 });
    const chunked = bytes(head(MULTIPART, 'transfer-encoding: chunked'), ...parts.map(chunk), '0\r\n\r\n');
    expect(await answerTo(chunked)).toMatchObject({ status: 200 });
    const url = await serve(createTestService());
    const { socket, heard } = await open(url);
    const whole = request(...parts);
    for (let start = 0; start < whole.length; start += 4_999) {
      socket.write(whole.subarray(start, start + 4_999));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(heard()).toMatch(/^HTTP\/1\.1 200/));
    socket.destroy();
  });

  it('of another media type is refused', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'multipart/mixed; boundary=x', 'audio/wav']) {
      expect(await answerTo(head(`content-type: ${type}`, 'content-length: 0'))).toMatchObject({
        status: 415,
        code: 'media_type_unsupported',
      });
    }
    expect(await answerTo(head('content-length: 0'))).toMatchObject({ status: 415, code: 'media_type_unsupported' });
  });

  it.each([
    ['without a boundary', bytes(head('content-type: multipart/form-data', 'content-length: 2'), 'xx')],
    ['without anything in it', request('')],
    ['that ends in its file', request(field('language', 'el'), fileHead, WAV)],
    [
      'that ends in a field',
      request(fileHead, WAV, `\r\n--${BOUNDARY}\r\ncontent-disposition: form-data; name="language"\r\n\r\ne`),
    ],
    ['that ends in a header', request(fileHead, WAV, `\r\n--${BOUNDARY}\r\ncontent-dispo`)],
    ['with a header that is none', request(`--${BOUNDARY}\r\nno header at all\r\n\r\nx`, END)],
    [
      'with another boundary than it says',
      request('--other\r\ncontent-disposition: form-data; name="language"\r\n\r\nel\r\n--other--\r\n'),
    ],
  ])('%s is refused as not well-formed', async (_why, raw) => {
    const { service, status, code } = await answerTo(raw);
    expect([status, code]).toEqual([400, 'request_invalid']);
    expect(service.engine.requests).toHaveLength(0);
  });
});

describe('a part without a name', () => {
  const nameless = (value: string) => `--${BOUNDARY}\r\ncontent-disposition: form-data\r\n\r\n${value}\r\n`;

  it.each([
    ['no name', nameless('x')],
    ['no name, and too much text', nameless('x'.repeat(20_000))],
    ['an empty name', field('', 'x')],
    ['an empty name, and too much text', field('', 'x'.repeat(20_000))],
  ])('is refused: %s', async (_why, part) => {
    expect(await answerTo(request(part, fileHead, WAV, END))).toMatchObject({ status: 400, code: 'request_invalid' });
  });
});

describe('a file above the limit', () => {
  const LIMIT = { maxUploadBytes: 100_000 };

  it('is refused by its length, before any of it is sent', async () => {
    const { status, code } = await answerTo(head(MULTIPART, 'content-length: 100000000'), LIMIT);
    expect([status, code]).toEqual([413, 'upload_too_large']);
  });

  it('is refused as soon as it is seen, while the client would go on for ever', async () => {
    const url = await serve(createTestService({ configuration: LIMIT }));
    const { socket, heard } = await open(url);
    const openEnded = head(MULTIPART, 'transfer-encoding: chunked').replace('connection: close', 'connection: keep-alive');
    socket.write(bytes(openEnded, chunk(fileHead)));
    let sent = 0;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    while (heard() === '') {
      socket.write(chunk(new Uint8Array(10_000)));
      sent += 10_000;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heard()).toMatch(/^HTTP\/1\.1 413 .*connection: close.*"code":"upload_too_large"/is);
    expect(sent).toBeGreaterThan(LIMIT.maxUploadBytes);
    await closed; // by the server: what is sent now is not read any more
  });

  it('is exactly one byte above it', async () => {
    const limit = { maxUploadBytes: WAV.length };
    expect(await answerTo(request(field('language', 'el'), fileHead, WAV, END), limit)).toMatchObject({ status: 200 });
    const above = request(field('language', 'el'), fileHead, WAV, 'x', END);
    expect(await answerTo(above, limit)).toMatchObject({ status: 413, code: 'upload_too_large' });
  });

  it('cannot hide in what belongs to no part', async () => {
    const url = await serve(createTestService({ configuration: LIMIT }));
    const { socket, heard } = await open(url);
    socket.write(bytes(head(MULTIPART, 'transfer-encoding: chunked'), chunk(bytes(fileHead, WAV, END))));
    while (heard() === '') {
      socket.write(chunk(new Uint8Array(50_000)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heard()).toMatch(/^HTTP\/1\.1 413/);
    socket.destroy();
  });
});

it('a request that arrives too slowly is answered, and its place is given back', async () => {
  const service = createTestService({ configuration: { uploadTimeoutSeconds: 0.05, maxRequests: 1 } });
  const url = await serve(service);
  for (const _ of [1, 2]) {
    const answer = await rawExchange(url, bytes(head(MULTIPART, 'content-length: 1000'), fileHead));
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*x-should-retry: true.*"code":"upload_timeout"/is);
  }
});

it('a client that goes away while it sends is no error, and its place is given back', async () => {
  const service = createTestService({ configuration: { maxRequests: 1 } });
  const url = await serve(service);
  const { socket } = await open(url);
  socket.write(bytes(head(MULTIPART, 'content-length: 100000'), fileHead, WAV.subarray(0, 1_000)));
  await vi.waitFor(() => expect(service.metrics.open.requests).toBe(1));
  socket.destroy();
  await vi.waitFor(() => expect(service.metrics.requests).toEqual([expect.objectContaining({ status: 499, route: ROUTE })]));
  expect(service.logged.every(({ level }) => Number(level) <= 30)).toBe(true);
  expect(await rawExchange(url, request(field('language', 'el'), fileHead, WAV, END))).toMatch(/^HTTP\/1\.1 200/);
});

it('a client that goes away before it has its answer cancels what is computed for it', async () => {
  const service = createTestService({ configuration: { maxRequests: 1 }, hear: () => new Promise(() => undefined) });
  const url = await serve(service);
  const { socket } = await open(url);
  socket.write(request(field('language', 'el'), fileHead, WAV, END));
  await vi.waitFor(() => expect(service.engine.requests).toHaveLength(1));
  const [row] = service.engine.requests;
  expect(row?.signal?.aborted).toBe(false);
  socket.destroy();
  await vi.waitFor(() => expect(row?.signal?.aborted).toBe(true));
  await vi.waitFor(() => expect(service.metrics.requests).toEqual([expect.objectContaining({ status: 499 })]));
  await vi.waitFor(() => expect(service.engine.rowsInFlight).toBe(0));
});

it('a refusal leaves the connection to the next request, if the first was read whole', async () => {
  const url = await serve(createTestService());
  const { socket, heard } = await open(url);
  const keepAlive = (raw: Buffer) => raw.toString('latin1').replace('connection: close\r\n', '');
  socket.write(keepAlive(request(field('language', 'tlh'), fileHead, WAV, END)), 'latin1');
  await vi.waitFor(() => expect(heard()).toMatch(/"code":"language_unknown"/));
  socket.write(keepAlive(request(field('language', 'el'), fileHead, WAV, END)), 'latin1');
  await vi.waitFor(() => expect(heard()).toMatch(/HTTP\/1\.1 400 .*HTTP\/1\.1 200 /s));
  socket.destroy();
});
