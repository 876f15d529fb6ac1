import { describe, expect, it } from 'vitest';
import { DeepgramClient } from './deepgram-client.ts';
import { listenServer } from './serve-listen.ts';

const KEYS = { apiKeys: [{ name: 'captions', key: 'secret' }] };
const QUERY = 'encoding=linear16&sample_rate=16000&language=es';

describe("Deepgram's handshake", () => {
  it.each([
    ['Token', { headers: { authorization: 'Token secret' } }, ''],
    ['Bearer', { headers: { authorization: 'Bearer secret' } }, ''],
    ["a browser's subprotocols", { protocols: ['token', 'secret', 'x-deepgram-session-id', 'a-name'] }, 'token'],
    ["a browser's subprotocols of a token", { protocols: ['bearer', 'secret'] }, 'bearer'],
  ])('takes a key by %s, and gives it to nobody', async (_way, options, subprotocol) => {
    const { url } = await listenServer({ configuration: KEYS });
    const client = await DeepgramClient.connect(`${url}/v1/listen?${QUERY}`, options);
    expect(client.socket.protocol).toBe(subprotocol);
    expect(JSON.stringify(client.headers)).not.toContain('secret');
    expect(client.headers['dg-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect((await client.closeStream()).code).toBe(1000);
  });

  it.each([
    ['', {}, 401, 'INVALID_AUTH', 'key_missing', null],
    ['', { headers: { authorization: 'Token wrong' } }, 401, 'INVALID_AUTH', 'key_unknown', null],
    ['redact=pci', undefined, 400, 'INVALID_QUERY_PARAMETER', 'parameter_unsupported', 'redact'],
    ['diarize=true', undefined, 400, 'INVALID_QUERY_PARAMETER', 'parameter_unsupported', 'diarize'],
    ['model=nothing', undefined, 400, 'INVALID_QUERY_PARAMETER', 'model_not_found', 'model'],
    ['detect_language=tlh', undefined, 400, 'INVALID_QUERY_PARAMETER', 'language_unknown', 'detect_language'],
    ['sample_rat=8000', undefined, 400, 'INVALID_QUERY_PARAMETER', 'request_invalid', 'sample_rat'],
  ] as const)('refuses %s by name, in a body and in a header', async (query, options, status, errCode, code, param) => {
    const { url, service } = await listenServer({ configuration: KEYS });
    const basics = query.startsWith('detect') ? 'encoding=linear16&sample_rate=16000' : QUERY;
    const known = options ?? { headers: { authorization: 'Token secret' } };
    const refused = await DeepgramClient.attempt(`${url}/v1/listen?${basics}&${query}`, known);
    if (refused instanceof DeepgramClient) throw new Error('It was not refused.');
    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject({ err_code: errCode, code, param, request_id: refused.headers['dg-request-id'] });
    const { err_msg: message } = refused.body as { readonly err_msg: string };
    expect(refused.headers['dg-error']).toBe(message);
    expect(service.metrics.refusals).toEqual([{ protocol: 'deepgram', code }]);
    expect(service.logged).toContainEqual(expect.objectContaining({ msg: 'stream refused', code, protocol: 'deepgram' }));
  });

  it('takes the names of Deepgram’s models for the served base', async () => {
    const { url } = await listenServer();
    for (const model of ['nova-3', 'nova-2-medical', 'nova', 'enhanced-phonecall', 'base', 'video']) {
      const client = await DeepgramClient.connect(`${url}/v1/listen?${QUERY}&model=${model}`);
      await client.closeStream();
    }
  });

  it('counts as one of the streams that a client may have', async () => {
    const { url } = await listenServer({ configuration: { maxStreamsPerKey: 1 } });
    const first = await DeepgramClient.connect(`${url}/v1/listen?${QUERY}`);
    const refused = await DeepgramClient.attempt(`${url}/v1/listen?${QUERY}`);
    expect(refused).toMatchObject({ status: 429, body: { err_code: 'TOO_MANY_REQUESTS', code: 'too_many_streams' } });
    await first.closeStream();
  });
});
