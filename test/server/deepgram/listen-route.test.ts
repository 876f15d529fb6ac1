import { createHash } from 'node:crypto';
import type { Deepgram } from '@deepgram/sdk';
import { describe, expect, it } from 'vitest';
import { fileAnswerSchema } from '../../../server/deepgram/file-messages.ts';
import { listenRouter } from '../../../server/deepgram/listen-route.ts';
import { manualScheduler } from '../../support/manual-scheduler.ts';
import { httpServers, rawExchange } from '../../support/serve-http.ts';
import { createTestService, type TestServiceOptions } from '../../support/test-service.ts';
import { silence, speech } from '../stream/serve-streams.ts';
import { CREATED } from './serve-listen.ts';

const serve = httpServers();
const RAW = 'encoding=linear16&sample_rate=16000&language=es';

async function listenFiles(options: TestServiceOptions = { hear: () => 'Un sombrero, azul.' }) {
  const service = createTestService(options);
  const time = manualScheduler();
  const url = await serve(service, {
    routes: [listenRouter(service, { now: () => CREATED, schedule: time.schedule, lingerMs: 10 })],
  });
  const post = (query: string, body: RequestInit['body'], headers: Record<string, string> = {}) =>
    fetch(new URL(`/v1/listen?${query}`, url), { method: 'POST', body: body ?? null, headers });
  return { service, url, time, post };
}

function samples(...parts: readonly Int16Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts.map((part) => Buffer.from(part.buffer))));
}

describe('POST /v1/listen', () => {
  it("answers a recording as Deepgram's SDK expects it", async () => {
    const { post, service } = await listenFiles();
    const body = samples(speech(0.96), silence(1), speech(0.96), silence(0.5));
    const answer = await post(`${RAW}&punctuate=true&model=nova-3&tag=a&extra=call:17`, body, {
      'content-type': 'audio/whatever',
    });
    expect(answer.status).toBe(200);
    const told: Deepgram.ListenV1Response = fileAnswerSchema.parse(await answer.json());
    expect(told.metadata).toMatchObject({
      request_id: answer.headers.get('dg-request-id'),
      sha256: createHash('sha256').update(body).digest('hex'),
      created: '2026-01-02T03:04:05.000Z',
      duration: 3.42,
      channels: 1,
      tags: ['a'],
      extra: { call: '17' },
    });
    expect(told.results.channels).toHaveLength(1);
    const [alternative] = told.results.channels[0]?.alternatives ?? [];
    expect(alternative?.transcript).toBe('Un sombrero, azul. Un sombrero, azul.');
    expect(alternative?.words?.map(({ word }) => word)).toEqual(['un', 'sombrero', 'azul', 'un', 'sombrero', 'azul']);
    expect(told.results).not.toHaveProperty('utterances');
    expect(service.metrics.utterances.map(({ protocol }) => protocol)).toEqual(['deepgram', 'deepgram']);
  });

  it('tells utterances and paragraphs, if it is asked to', async () => {
    const { post } = await listenFiles();
    const answer = await post(`${RAW}&utterances=true&paragraphs=true`, samples(speech(0.96), silence(3), speech(0.96)));
    const { results } = fileAnswerSchema.parse(await answer.json());
    expect(results.utterances?.map(({ transcript, channel }) => [transcript, channel])).toEqual([
      ['un sombrero azul', 0],
      ['un sombrero azul', 0],
    ]);
    expect(results.channels[0]?.alternatives[0]?.paragraphs?.paragraphs).toHaveLength(2);
  });

  it('keeps channels apart, or mixes them', async () => {
    const { post } = await listenFiles({ hear: ({ samples: heard }) => `${heard.length}` });
    const both = new Int16Array(2 * 15_360).fill(29_000);
    const apart = await post(`${RAW}&channels=2&multichannel=true`, samples(both));
    const mixed = await post(`${RAW}&channels=2`, samples(both));
    expect((await apart.json()) as object).toMatchObject({ metadata: { channels: 2 }, results: { channels: [{}, {}] } });
    expect((await mixed.json()) as object).toMatchObject({ metadata: { channels: 1 } });
  });

  it('finds the language, and says which', async () => {
    const { post } = await listenFiles({ hear: () => 'Bonjour', detect: () => ({ language: 'fr', probability: 1 }) });
    const query = 'encoding=linear16&sample_rate=16000&detect_language=fr&detect_language=es';
    const answer = await post(query, samples(speech(0.96)));
    const { results } = fileAnswerSchema.parse(await answer.json());
    expect(results.channels[0]).toMatchObject({ detected_language: 'fr' });
  });

  it.each([
    ['redact=pci', {}, 400, 'INVALID_QUERY_PARAMETER', 'parameter_unsupported', 'redact'],
    ['summarize=v2', {}, 400, 'INVALID_QUERY_PARAMETER', 'parameter_unsupported', 'summarize'],
    ['model=nothing', {}, 400, 'INVALID_QUERY_PARAMETER', 'model_not_found', 'model'],
    ['', { 'content-type': 'application/json' }, 400, 'INVALID_QUERY_PARAMETER', 'parameter_unsupported', 'url'],
    ['', { 'content-type': 'multipart/form-data; boundary=x' }, 415, 'UNSUPPORTED_MEDIA_TYPE', 'media_type_unsupported', null],
  ] as const)('refuses %s %o by name', async (query, headers, status, errCode, code, param) => {
    const { post, service } = await listenFiles();
    const answer = await post(`${RAW}&${query}`, samples(speech(0.1)), headers);
    expect(answer.status).toBe(status);
    const body = (await answer.json()) as Deepgram.ErrorResponseLegacyError;
    expect(body).toMatchObject({ err_code: errCode, code, param, request_id: answer.headers.get('dg-request-id') });
    expect(answer.headers.get('dg-error')).toBe(body.err_msg);
    expect(service.metrics.refusals).toEqual([{ protocol: 'deepgram', code }]);
  });

  it('refuses what is no recording, what is too large, and nothing', async () => {
    const { post } = await listenFiles({ configuration: { maxUploadBytes: 1_000 } });
    expect(await (await post('language=es', 'This is not audio.')).json()).toMatchObject({ err_code: 'Bad Request' });
    expect((await post(RAW, samples(speech(1)))).status).toBe(413);
    expect(await (await post(RAW, '')).json()).toMatchObject({ code: 'file_missing' });
  });

  it('refuses strangers, and other methods', async () => {
    const { post, url } = await listenFiles({ configuration: { apiKeys: [{ name: 'captions', key: 'secret' }] } });
    expect(await (await post(RAW, samples(speech(0.1)))).json()).toMatchObject({
      err_code: 'INVALID_AUTH',
      code: 'key_missing',
    });
    expect((await post(RAW, samples(speech(0.1)), { authorization: 'Token secret' })).status).toBe(200);
    const got = await fetch(new URL('/v1/listen', url));
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await got.json()).toMatchObject({ err_code: 'METHOD_NOT_ALLOWED' });
  });

  it('does not wait for ever for a recording', async () => {
    const { url, time } = await listenFiles();
    const head = `POST /v1/listen?${RAW} HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nbeginning`;
    const exchange = rawExchange(url, head);
    while (time.pending === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    time.advance(120_000);
    expect(await exchange).toMatch(/^HTTP\/1\.1 408 [\s\S]*"err_code":"SLOW_UPLOAD"/);
  });
});
