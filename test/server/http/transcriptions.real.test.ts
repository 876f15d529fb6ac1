import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError, toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../asr/engine/engine.ts';
import { type FileTranscript, recogniseFile, transcriptText } from '../../../asr/files/recognise-file.ts';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import { createHttpApp } from '../../../server/http/create-http-app.ts';
import { verboseTranscriptionSchema } from '../../../server/protocol/audio-answers.ts';
import { realAdapters, startRealEngine } from '../../support/real-engine.ts';
import { createTestService } from '../../support/test-service.ts';

const FEDORA = fileURLToPath(new URL('../../fixtures/speech/es-blue-fedora.ogg', import.meta.url));
const KEY = 'k'.repeat(24);

describe('the official OpenAI client', () => {
  let engine: Engine;
  let voice: VoiceDetector;
  let server: http.Server;
  let client: OpenAI;
  let direct: FileTranscript;
  let baseURL: string;
  beforeAll(async () => {
    const adapter = (await realAdapters())({ name: 'greek-random', seed: 1, language: 'el' });
    [engine, voice] = await Promise.all([startRealEngine({ adapters: [adapter] }), startSileroDetector()]);
    const service = createTestService({
      recogniser: { engine, voice },
      configuration: { apiKeys: [{ name: 'tests', key: KEY }] },
    });
    server = http.createServer(createHttpApp(service)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    client = new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 });
    direct = await recogniseFile(
      { source: { path: FEDORA }, channels: 'mix', language: 'es', endpointing: DEFAULT_ENDPOINTING },
      { ...service.recogniser(), env: process.env },
    );
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await Promise.all([engine.close(), voice.close()]);
  });

  const fedora = async () => toFile(await readFile(FEDORA), 'fedora.ogg');

  it('gets the same words as recogniseFile, as json, text and verbose_json', async () => {
    const request = { file: await fedora(), model: 'whisper-1', language: 'es' };
    const words = transcriptText(direct);
    expect(words.toLowerCase()).toMatch(/^un sombrero azul/);

    const json = await client.audio.transcriptions.create(request);
    expect(json.text).toBe(words);
    expect(json.usage).toEqual({ type: 'duration', seconds: direct.durationMs / 1000 });

    const text = await client.audio.transcriptions.create({ ...request, file: await fedora(), response_format: 'text' });
    expect(text).toBe(words);

    const verbose = await client.audio.transcriptions.create({
      ...request,
      file: await fedora(),
      response_format: 'verbose_json',
      timestamp_granularities: ['segment'],
      chunking_strategy: { type: 'server_vad', silence_duration_ms: 500, prefix_padding_ms: 300, threshold: 0.5 },
      temperature: 0,
    });
    expect(verbose.language).toBe('spanish');
    const { segments, adapter } = verboseTranscriptionSchema.parse(verbose);
    expect(adapter).toBeNull();
    expect(segments?.map(({ text: said, tokens, start, end }) => ({ text: said, tokens, start, end }))).toEqual(
      direct.segments.map(({ result, startMs, endMs }) => ({
        text: result.text,
        tokens: result.tokens,
        start: startMs / 1000,
        end: endMs / 1000,
      })),
    );
  });

  it('picks an adapter by the name of a model, and is told which one it got', async () => {
    const request = { file: await fedora(), language: 'es', response_format: 'verbose_json' } as const;
    const answer = await client.audio.transcriptions.create({ ...request, model: 'greek-random' });
    expect(answer).toMatchObject({ adapter: { name: 'greek-random', version: '1.0.0' } });
  });

  it('lists the models, and gets one', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toEqual([
      'whisper-base',
      'greek-random@1.0.0',
      'whisper-1',
      'gpt-4o-transcribe',
      'gpt-4o-mini-transcribe',
      'nova-*',
    ]);
    expect(await client.models.retrieve('whisper-base')).toMatchObject({ object: 'model', digest: engine.base.digest });
  });

  it('tells errors by their classes, codes and fields', async () => {
    const request = { file: await fedora(), model: 'whisper-1' };
    const failed = async (work: Promise<unknown>) =>
      work.then(
        () => null,
        (error: unknown) => error,
      );

    const noLanguage = await failed(client.audio.transcriptions.create(request));
    expect(noLanguage).toBeInstanceOf(BadRequestError);
    expect(noLanguage).toMatchObject({
      status: 400,
      code: 'language_missing',
      param: 'language',
      type: 'invalid_request_error',
      requestID: expect.any(String),
    });

    const noModel = await failed(client.audio.transcriptions.create({ ...request, language: 'es', model: 'whisper-9' }));
    expect(noModel).toBeInstanceOf(NotFoundError);
    expect(noModel).toMatchObject({ code: 'model_not_found' });

    const stranger = new OpenAI({ baseURL, apiKey: 'x', maxRetries: 0 });
    const noKey = await failed(stranger.audio.transcriptions.create({ ...request, language: 'es' }));
    expect(noKey).toBeInstanceOf(AuthenticationError);
    expect(noKey).toMatchObject({ status: 401, code: 'key_unknown' });
  });

  it('cancels what it asked for by going away', async () => {
    const leaving = new AbortController();
    const before = await engine.stats();
    const long = await toFile(await readFile(FEDORA), 'fedora.ogg');
    const request = client.audio.transcriptions.create(
      { file: long, model: 'whisper-1', language: 'es' },
      { signal: leaving.signal },
    );
    await expect.poll(() => engine.rowsInFlight, { interval: 1, timeout: 60_000 }).toBeGreaterThan(0);
    leaving.abort();
    await expect(request).rejects.toThrow(OpenAI.APIUserAbortError);
    await expect.poll(() => engine.rowsInFlight).toBe(0);
    await expect.poll(async () => (await engine.stats()).cancelledRows).toBe(before.cancelledRows + 1);
  });
});
