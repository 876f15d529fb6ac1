import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StreamClient, type StreamClientOptions } from '../../support/stream-client.ts';
import { createTestService } from '../../support/test-service.ts';
import { eventually, serveStreams, testStreams } from './serve-streams.ts';

const KEY = 'c'.repeat(32);
const WITH_KEYS = { apiKeys: [{ name: 'captions', key: KEY }] };

const codeOf = (attempt: Awaited<ReturnType<typeof StreamClient.attempt>>) =>
  attempt instanceof StreamClient ? 'opened' : [attempt.status, (attempt.body as { error: { code: string } }).error.code];

describe('the key', () => {
  it('may come in the header', async () => {
    const { connect } = await testStreams({ configuration: WITH_KEYS });
    const client = await connect({ headers: { authorization: `Bearer ${KEY}` } });
    await client.start();
    expect(client.socket.protocol).toBe('');
  });

  it('may come as a subprotocol, which is not selected', async () => {
    const { connect, service } = await testStreams({ configuration: WITH_KEYS });
    const client = await connect({ subprotocols: ['other', `flora-asr-key.${KEY}`, 'flora-asr'] });
    await client.start();
    expect(client.socket.protocol).toBe('flora-asr');
    client.vanish();
    await eventually(() => service.metrics.closedStreams.length === 1);
    expect(service.logged).toContainEqual(expect.objectContaining({ msg: 'stream opened', client: 'captions' }));
    expect(JSON.stringify(service.logged)).not.toContain(KEY);
  });

  it.each<[string, Omit<StreamClientOptions, 'url'>, string]>([
    ['is missing', {}, 'key_missing'],
    ['is of another scheme', { headers: { authorization: `Basic ${KEY}` } }, 'key_missing'],
    ['is unknown', { headers: { authorization: 'Bearer wrong-wrong-wrong' } }, 'key_unknown'],
    ['is unknown as a subprotocol', { subprotocols: ['flora-asr', 'flora-asr-key.wrong-wrong-wrong'] }, 'key_unknown'],
  ])('is asked for with 401 if it %s', async (_, options, code) => {
    const { attempt, service } = await testStreams({ configuration: WITH_KEYS });
    const refused = await attempt({ ...options, headers: { ...options.headers, 'x-request-id': 'mine-1' } });
    expect(refused).toEqual({
      status: 401,
      headers: expect.objectContaining({ 'www-authenticate': 'Bearer', 'x-request-id': 'mine-1', connection: 'close' }),
      body: { error: { message: expect.any(String), type: 'authentication_error', param: null, code } },
    });
    expect(service.metrics.refusals).toEqual([{ protocol: 'stream', code }]);
    expect(service.logged).toEqual([expect.objectContaining({ msg: 'stream refused', requestId: 'mine-1', code })]);
    expect(JSON.stringify(service.logged)).not.toContain('wrong');
  });
});

describe('the origin', () => {
  const from = async (origin: string, allowedOrigins: readonly string[] = []) => {
    const { attempt, url } = await testStreams({ configuration: { allowedOrigins: [...allowedOrigins] } });
    return codeOf(await attempt({ headers: { origin: origin === 'own' ? url : origin } }));
  };

  it('may be the service itself, or one that is allowed', async () => {
    expect(await from('own')).toBe('opened');
    expect(await from('https://captions.example', ['https://captions.example'])).toBe('opened');
    expect(await from('https://captions.example', ['*'])).toBe('opened');
  });

  it('is refused otherwise', async () => {
    expect(await from('https://elsewhere.example', ['https://captions.example'])).toEqual([403, 'origin_forbidden']);
    expect(await from('null')).toEqual([403, 'origin_forbidden']);
  });
});

describe('a stream too many', () => {
  it('is refused with 429, until another has closed', async () => {
    const { attempt, connect, streams } = await testStreams({ configuration: { maxStreams: 1 } });
    const first = await connect();
    const refused = await attempt();
    expect(codeOf(refused)).toEqual([429, 'too_many_streams']);
    expect(refused).toMatchObject({ headers: { 'retry-after': '1', 'x-should-retry': 'true' } });
    first.vanish();
    await eventually(() => streams.openStreams === 0);
    expect(codeOf(await attempt())).toBe('opened');
  });

  it('is told how long to wait, where the minute decides', async () => {
    const { attempt } = await testStreams({ configuration: { ratePerMinute: 1 } });
    expect(codeOf(await attempt())).toBe('opened');
    const refused = await attempt();
    expect(codeOf(refused)).toEqual([429, 'rate_limited']);
    expect(refused).toMatchObject({ headers: { 'retry-after': expect.stringMatching(/^[1-6]?\d$/) } });
  });
});

describe('a service that takes no streams', () => {
  it.each([
    [{ kind: 'starting', waitingFor: 'the weights' }, [503, 'starting']],
    [{ kind: 'draining', recogniser: null }, [503, 'draining']],
    [{ kind: 'failed', reason: 'gone' }, [503, 'engine_closed']],
  ] as const)('says so: %j', async (state, expected) => {
    const { attempt, service } = await testStreams();
    service.become(state);
    expect(codeOf(await attempt())).toEqual(expected);
  });
});

describe('an upgrade', () => {
  /** What comes back, until the connection is closed. */
  async function answerTo(url: string, request: string): Promise<string> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(request);
    let answer = '';
    for await (const chunk of socket.setEncoding('utf8')) answer += String(chunk);
    return answer;
  }
  const upgrade = (lines: readonly string[], requestLine = 'GET /v1/stream HTTP/1.1') =>
    `${[requestLine, 'host: a', 'connection: upgrade', ...lines].join('\r\n')}\r\n\r\n`;
  const RIGHT = ['upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=='];

  it('elsewhere is answered with 404, in JSON, and the connection closed', async () => {
    const { attempt } = await testStreams();
    const refused = await attempt({ path: '/v1/streams?language=es' });
    expect(codeOf(refused)).toEqual([404, 'route_not_found']);
    expect(refused).toMatchObject({ headers: { 'content-type': 'application/json', connection: 'close' } });
    expect(codeOf(await attempt({ path: '/v1/stream?ignored' }))).toBe('opened');
  });

  it.each([
    ['to something else', upgrade(['upgrade: h2c']), 400, 'request_invalid'],
    ['by POST', upgrade(RIGHT, 'POST /v1/stream HTTP/1.1'), 405, 'method_not_allowed'],
    ['without a key', upgrade(RIGHT.slice(0, 2)), 400, 'request_invalid'],
    [
      'of another version',
      upgrade(['upgrade: websocket', 'sec-websocket-version: 12', ...RIGHT.slice(2)]),
      400,
      'request_invalid',
    ],
    ['with a wrong list of subprotocols', upgrade([...RIGHT, 'sec-websocket-protocol: ,,']), 400, 'request_invalid'],
  ])('%s is refused, and takes no place', async (_, request, status, code) => {
    const { url, attempt } = await testStreams({ configuration: { maxStreams: 1 } });
    const answer = await answerTo(url, request);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toEqual({ error: expect.objectContaining({ code, message: expect.any(String) }) });
    expect(codeOf(await attempt())).toBe('opened');
  });

  it('by HEAD is answered without a body', async () => {
    const { url } = await testStreams();
    const answer = await answerTo(url, upgrade(RIGHT, 'HEAD /v1/stream HTTP/1.1'));
    expect(answer).toMatch(/^HTTP\/1.1 405 [\s\S]*\r\n\r\n$/);
  });

  it('whose client goes before it is answered takes no place', async () => {
    const service = createTestService({ configuration: { maxStreams: 1 } });
    let admit = () => {};
    const wait = new Promise<void>((resolve) => {
      admit = resolve;
    });
    const { access } = service;
    const admitStream = async (client: { name: string }) => {
      await wait;
      return access.admitStream(client);
    };
    const { url, attempt } = await serveStreams({ ...service, access: { ...access, admitStream } });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(upgrade(RIGHT));
    await once(socket, 'connect');
    socket.destroy();
    await once(socket, 'close');
    admit();
    // it has a place until the service has seen that its client is gone
    while (codeOf(await attempt()) !== 'opened') await sleep(2);
    expect(service.logged.filter(({ msg }) => msg === 'stream opened')).toEqual([]);
  });

  it('that fails in the service is told no more than that, and logged', async () => {
    const service = createTestService();
    const identify = () => {
      throw new TypeError('secret');
    };
    const { attempt } = await serveStreams({ ...service, access: { ...service.access, identify } });
    const refused = await attempt();
    expect(codeOf(refused)).toEqual([500, 'internal']);
    expect(JSON.stringify(refused)).not.toContain('secret');
    expect(service.logged).toContainEqual(
      expect.objectContaining({ level: 50, err: expect.objectContaining({ message: 'secret' }) }),
    );
  });

  it('that comes while a drain begins is refused, and takes no place', async () => {
    const service = createTestService({ configuration: { maxStreams: 1 } });
    const admitStream = async (client: { name: string }) => {
      service.become({ kind: 'draining', recogniser: null });
      return service.access.admitStream(client);
    };
    const { attempt } = await serveStreams({ ...service, access: { ...service.access, admitStream } });
    expect(codeOf(await attempt())).toEqual([503, 'draining']);
    await expect(service.access.admitStream({ name: 'anonymous' })).resolves.toBeTypeOf('function');
  });
});
