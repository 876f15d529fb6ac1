import express from 'express';
import { describe, expect, it, vi } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { errorBodySchema } from '../../../server/protocol/rest-messages.ts';
import { httpServers, rawExchange } from '../../support/serve-http.ts';
import { createTestService } from '../../support/test-service.ts';

const KEY = 'k'.repeat(24);
const KEYS = { apiKeys: [{ name: 'captions', key: KEY }] };
const MODELS = '/v1/models';
const POST = { method: 'POST' };

const serve = httpServers();

async function errorOf(answer: Response) {
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  return errorBodySchema.parse(await answer.json()).error;
}

describe('every answer', () => {
  it('has the id of its request: the given one if it is harmless, else a new one', async () => {
    const url = await serve(createTestService());
    const idFor = async (id: string, path = '/health/live') =>
      (await fetch(new URL(path, url), { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await idFor('req_1.a-B')).toBe('req_1.a-B');
    expect(await idFor('req_1', '/nowhere')).toBe('req_1');
    for (const harmful of ['a b', '', 'x'.repeat(65), '{"a":1}']) expect(await idFor(harmful)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('does not say what runs here, and is not to be framed or guessed at', async () => {
    const { headers } = await fetch(new URL('/health/live', await serve(createTestService())));
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  it('asks for https from then on where the service itself speaks it', async () => {
    const configuration = { tls: { certPath: 'cert.pem', keyPath: 'key.pem' } };
    const { headers } = await fetch(new URL('/health/live', await serve(createTestService({ configuration }))));
    expect(headers.get('strict-transport-security')).toMatch(/max-age=/);
  });
});

describe('an error', () => {
  it("has OpenAI's form where there is no such route", async () => {
    const answer = await fetch(new URL('/v1/audio/nothing?secret=1', await serve(createTestService())));
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.headers.get('connection')).toBe('keep-alive');
    expect(await errorOf(answer)).toEqual({
      message: 'There is no GET /v1/audio/nothing; /docs describes what there is.',
      type: 'invalid_request_error',
      param: null,
      code: 'route_not_found',
    });
  });

  it('says which methods a route takes', async () => {
    const url = await serve(createTestService());
    const gets = await fetch(new URL('/v1/audio/transcriptions', url));
    expect([gets.status, gets.headers.get('allow'), (await errorOf(gets)).code]).toEqual([405, 'POST', 'method_not_allowed']);
    for (const path of [MODELS, '/v1/models/x', '/health/live', '/health/ready', '/metrics']) {
      const deletes = await fetch(new URL(path, url), { method: 'DELETE' });
      expect([deletes.status, deletes.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('says nothing of itself when nobody expected it, and is logged with its stack', async () => {
    const service = createTestService();
    const router = express.Router().get('/broken', () => {
      throw new TypeError('the secret of the house');
    });
    const answer = await fetch(new URL('/broken', await serve(service, { routes: [router] })));
    expect(answer.status).toBe(500);
    expect(answer.headers.get('x-should-retry')).toBe('true');
    const { message, code } = await errorOf(answer);
    expect(code).toBe('internal');
    expect(message).not.toMatch(/secret/);
    const entry = service.logged.find(({ level }) => level === 50);
    expect(entry).toMatchObject({ requestId: answer.headers.get('x-request-id') });
    expect(entry?.['err']).toMatchObject({
      message: 'the secret of the house',
      stack: expect.stringContaining('create-http-app.test'),
    });
  });

  it("is the client's where a body or an address cannot be parsed", async () => {
    const routes = [express.Router().post('/json', express.json(), (_request, response) => void response.end())];
    const url = await serve(createTestService(), { routes });
    const body = await fetch(new URL('/json', url), {
      ...POST,
      headers: { 'content-type': 'application/json' },
      body: '{"a":',
    });
    expect([body.status, (await errorOf(body)).code]).toEqual([400, 'request_invalid']);
    const address = await rawExchange(url, 'GET /v1/models/%E0%A4%A HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(address).toMatch(/^HTTP\/1\.1 400 .*"code":"request_invalid"/s);
  });

  it('ends the connection if half of an answer is out already', async () => {
    const router = express.Router().get('/half', (_request, response) => {
      response.write('half of it');
      throw new Error('no more');
    });
    const answer = await fetch(new URL('/half', await serve(createTestService(), { routes: [router] })));
    await expect(answer.text()).rejects.toThrow();
  });
});

it('sends clients elsewhere while it drains', async () => {
  const service = createTestService();
  service.become({ kind: 'draining', recogniser: null });
  const answer = await fetch(new URL(MODELS, await serve(service)));
  expect([answer.status, answer.headers.get('connection'), answer.headers.get('retry-after')]).toEqual([503, 'close', '1']);
});

describe('a key', () => {
  it('is needed where there are keys, but not to ask for health', async () => {
    const url = await serve(createTestService({ configuration: KEYS }));
    for (const [path, init] of [
      ['/v1/models', {}],
      ['/v1/models/x', {}],
      ['/metrics', {}],
      ['/v1/audio/transcriptions', POST],
    ] as const) {
      const answer = await fetch(new URL(path, url), init);
      expect([path, answer.status, answer.headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer']);
      expect(await errorOf(answer)).toMatchObject({ code: 'key_missing', type: 'authentication_error' });
    }
    for (const path of ['/health/live', '/health/ready']) expect((await fetch(new URL(path, url))).status).toBe(200);
  });

  it('is refused when it is not known, without being repeated', async () => {
    const url = await serve(createTestService({ configuration: KEYS }));
    const answer = await fetch(new URL(MODELS, url), { headers: { authorization: 'Bearer wrong-one' } });
    expect(answer.status).toBe(401);
    const { code, message } = await errorOf(answer);
    expect(code).toBe('key_unknown');
    expect(message).not.toMatch(/wrong-one/);
  });

  it('opens the service, and gives its name to the log', async () => {
    const service = createTestService({ configuration: KEYS });
    const url = await serve(service);
    expect((await fetch(new URL(MODELS, url), { headers: { authorization: `Bearer ${KEY}` } })).status).toBe(200);
    await vi.waitFor(() => expect(service.logged.at(-1)).toMatchObject({ client: 'captions', route: MODELS }));
    expect(JSON.stringify(service.logged)).not.toContain(KEY);
  });
});

describe('a page of another origin', () => {
  const origin = 'https://captions.example';
  const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } };

  it('may not post, and may not read', async () => {
    const service = createTestService();
    const url = await serve(service);
    const post = await fetch(new URL('/v1/audio/transcriptions', url), { ...POST, headers: { origin } });
    expect(post.status).toBe(403);
    expect(await errorOf(post)).toMatchObject({ code: 'origin_forbidden', type: 'permission_error' });
    expect((await fetch(new URL('/v1/audio/transcriptions', url), preflight)).status).toBe(403);
    const get = await fetch(new URL(MODELS, url), { headers: { origin } });
    expect([get.status, get.headers.get('access-control-allow-origin'), get.headers.get('vary')]).toEqual([
      200,
      null,
      'origin',
    ]);
  });

  it.each([[origin], ['*']])('may where the operator allows it by %s', async (allowed) => {
    const url = await serve(createTestService({ configuration: { ...KEYS, allowedOrigins: [allowed] } }));
    const before = await fetch(new URL('/v1/audio/transcriptions', url), {
      ...preflight,
      headers: { ...preflight.headers, 'access-control-request-headers': 'authorization' },
    });
    expect(before.status).toBe(204);
    expect(before.headers.get('access-control-allow-origin')).toBe(origin);
    expect(before.headers.get('access-control-allow-methods')).toContain('POST');
    expect(before.headers.get('access-control-allow-headers')).toBe('authorization');
    const answer = await fetch(new URL(MODELS, url), { headers: { origin, authorization: `Bearer ${KEY}` } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toBe('x-request-id,retry-after,dg-request-id,dg-error');
    const refused = await fetch(new URL(MODELS, url), { headers: { origin } });
    // without this, the page would see a network error instead of the refusal
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
  });

  it("may if it is the service's own", async () => {
    const url = await serve(createTestService());
    const answer = await fetch(new URL('/v1/audio/transcriptions', url), { ...POST, headers: { origin: url.origin } });
    expect(answer.status).toBe(415);
  });
});

describe('health', () => {
  it('is live in every state', async () => {
    const service = createTestService();
    const url = await serve(service);
    service.become({ kind: 'failed', reason: 'gone' });
    const answer = await fetch(new URL('/health/live', url));
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'live' }]);
  });

  it('is ready only when it recognises, and says what it waits for', async () => {
    const service = createTestService();
    const url = await serve(service);
    const ask = async () => {
      const answer = await fetch(new URL('/health/ready', url));
      return [answer.status, await answer.json()];
    };
    expect(await ask()).toEqual([200, { status: 'ready', waiting_for: null }]);
    service.become({ kind: 'starting', waitingFor: 'the weights: 43 % of model.bin' });
    expect(await ask()).toEqual([503, { status: 'starting', waiting_for: 'the weights: 43 % of model.bin' }]);
    service.become({ kind: 'draining', recogniser: null });
    expect(await ask()).toEqual([503, { status: 'draining', waiting_for: expect.any(String) }]);
    service.become({ kind: 'failed', reason: '/home/somebody/model.bin is corrupt' });
    expect(await ask()).toEqual([503, { status: 'failed', waiting_for: expect.not.stringContaining('somebody') }]);
  });
});

describe('what an operator sees', () => {
  it('is every request: route, status, time, client, id; never the address itself', async () => {
    let nowMs = 1_000;
    const service = createTestService();
    const url = await serve(service, { clock: () => (nowMs += 25) });
    await fetch(new URL('/v1/models/private-name?token=secret', url), { headers: { 'x-request-id': 'one' } });
    await fetch(new URL('/private/path', url));
    await fetch(new URL('/metrics', url));
    await vi.waitFor(() => expect(service.logged).toHaveLength(3));
    const what = { method: 'GET', durationMs: 25 };
    expect(service.logged).toEqual([
      expect.objectContaining({
        ...what,
        route: '/v1/models/:id',
        status: 404,
        requestId: 'one',
        client: 'anonymous',
        code: 'model_not_found',
      }),
      expect.objectContaining({ ...what, route: 'other', status: 404, code: 'route_not_found' }),
      expect.objectContaining({ ...what, route: '/metrics', status: 200 }),
    ]);
    expect(JSON.stringify(service.logged)).not.toMatch(/private|secret/);
    expect(service.metrics.requests.map(({ route, status }) => `${status} ${route}`)).toEqual([
      '404 /v1/models/:id',
      '404 other',
      '200 /metrics',
    ]);
    expect(service.metrics.refusals).toEqual([
      { protocol: 'rest', code: 'model_not_found' },
      { protocol: 'rest', code: 'route_not_found' },
    ]);
    expect(service.metrics.open.requests).toBe(0);
  });

  it("is metrics in Prometheus' format", async () => {
    const answer = await fetch(new URL('/metrics', await serve(createTestService())));
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toBe('requests 0\n');
  });

  it('is health only if asked for, as it is asked so often', async () => {
    const service = createTestService();
    await fetch(new URL('/health/live', await serve(service)));
    await vi.waitFor(() => expect(service.logged).toEqual([expect.objectContaining({ level: 20, route: '/health/live' })]));
  });
});

it('says how long to wait when that is known', async () => {
  const routes = [
    express.Router().get('/limited', () => {
      throw new FloraAsrError('rate_limited', 'Too often.', { retryAfterMs: 12_300 });
    }),
  ];
  const answer = await fetch(new URL('/limited', await serve(createTestService(), { routes })));
  expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('x-should-retry')]).toEqual([429, '13', 'true']);
});
