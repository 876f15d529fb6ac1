import OpenAI, { APIError, toFile } from 'openai';
import { describe, expect, it, vi } from 'vitest';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import type { Service } from '../../../server/service.ts';
import { levelDetector, signalOf, windowsOf } from '../../support/level-detector.ts';
import { httpServers } from '../../support/serve-http.ts';
import { createTestService } from '../../support/test-service.ts';
import { wavOf } from '../../support/wav.ts';

const SECOND = 31; // windows of 32 ms
const WAV = wavOf(signalOf(windowsOf([SECOND, 0.75], [SECOND, 0], [SECOND, 0.75], [SECOND, 0])));

const serve = httpServers();

/** The official client, and the answers that it has seen. */
async function clientOf(service: Service, maxRetries: number) {
  const seen: Response[] = [];
  const client = new OpenAI({
    baseURL: new URL('/v1', await serve(service)).href,
    apiKey: 'any',
    maxRetries,
    fetch: async (url, ...options) => {
      const answer = await fetch(url, ...options);
      if (answer.url.startsWith('http')) seen.push(answer); // it tries forms out on a data: URL
      return answer;
    },
  });
  return { client, seen };
}

const request = async () => ({ file: await toFile(WAV, 'a.wav'), model: 'whisper-1', language: 'el' });

describe('the official OpenAI client comes again', () => {
  it('when the service is not ready yet, and gets its words', async () => {
    const service = createTestService({ hear: () => 'ναι' });
    const ready = service.recogniser();
    const starting: Service = {
      ...service,
      recogniser: () => {
        if (seen.length > 0) return ready;
        throw new FloraAsrError('starting', 'The model is not there yet.');
      },
    };
    const { client, seen } = await clientOf(starting, 2);
    expect((await client.audio.transcriptions.create(await request())).text).toBe('ναι ναι');
    expect(seen.map(({ status }) => status)).toEqual([503, 200]);
    expect(seen[0]?.headers.get('retry-after')).toBe('1');
  });

  it('when too much goes on at once', async () => {
    let release: (text: string) => void = () => undefined;
    const first = new Promise<string>((resolve) => {
      release = resolve;
    });
    const service = createTestService({ configuration: { maxRequests: 1 }, hear: async () => first });
    const { client, seen } = await clientOf(service, 2);
    const answering = client.audio.transcriptions.create(await request());
    await vi.waitFor(() => expect(service.engine.requests.length).toBeGreaterThan(0));
    const waiting = client.audio.transcriptions.create(await request());
    await vi.waitFor(() => expect(seen.map(({ status }) => status)).toEqual([429]));
    release('ναι');
    expect([(await answering).text, (await waiting).text]).toEqual(['ναι ναι', 'ναι ναι']);
    expect(seen.map(({ status }) => status)).toEqual([429, 200, 200]);
  });

  it('but not for what is wrong with its request', async () => {
    const { client, seen } = await clientOf(createTestService(), 2);
    await expect(client.audio.transcriptions.create({ ...(await request()), language: 'tlh' })).rejects.toMatchObject({
      status: 400,
      code: 'language_unknown',
    });
    expect(seen).toHaveLength(1);
  });
});

it('the official OpenAI client throws what fails in mid-stream', async () => {
  const words = ['ναι'];
  const hear = async () => {
    const word = words.shift();
    if (word !== undefined) return word;
    throw new FloraAsrError('engine_failed', 'The worker was lost.');
  };
  // one row at a time: the first has its words when the second fails
  const service = createTestService({ hear, recogniser: { rows: new RowGate(1), voice: levelDetector() } });
  const { client } = await clientOf(service, 0);
  const stream = await client.audio.transcriptions.create({ ...(await request()), stream: true });
  const deltas: string[] = [];
  const reading = (async () => {
    for await (const event of stream) if (event.type === 'transcript.text.delta') deltas.push(event.delta);
  })();
  await expect(reading).rejects.toThrow(APIError);
  await expect(reading).rejects.toMatchObject({ code: 'engine_failed', type: 'server_error' });
  expect(deltas).toEqual(['ναι']);
});
