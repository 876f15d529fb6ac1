import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError, toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mixDown } from '../../../asr/audio/channels.ts';
import { SAMPLE_RATE_HZ } from '../../../asr/audio/pcm.ts';
import { readAudio } from '../../../asr/audio/read-audio.ts';
import type { Engine } from '../../../asr/engine/engine.ts';
import { type FileTranscript, recogniseFile, transcriptText } from '../../../asr/files/recognise-file.ts';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import { createHttpApp } from '../../../server/http/create-http-app.ts';
import {
  diarizedTranscriptionSchema,
  transcriptionEventSchema,
  transcriptionSchema,
  verboseTranscriptionSchema,
} from '../../../server/protocol/audio-answers.ts';
import { realAdapters, startRealEngine } from '../../support/real-engine.ts';
import { createTestService, type TestService } from '../../support/test-service.ts';
import { wavOf } from '../../support/wav.ts';

const SPEECH = fileURLToPath(new URL('../../fixtures/speech/', import.meta.url));
const FEDORA = `${SPEECH}es-blue-fedora.ogg`;
const KEY = 'k'.repeat(24);
const MODEL = 'whisper-1';
const CALL = ['es-blue-fedora.ogg', 'es-grannysmith.ogg'] as const;

describe('the official OpenAI client', () => {
  let engine: Engine;
  let voice: VoiceDetector;
  let server: http.Server;
  let service: TestService;
  let client: OpenAI;
  let direct: FileTranscript;
  let baseURL: string;
  beforeAll(async () => {
    const adapter = (await realAdapters())({ name: 'greek-random', seed: 1, language: 'el' });
    [engine, voice] = await Promise.all([startRealEngine({ adapters: [adapter] }), startSileroDetector()]);
    service = createTestService({
      recogniser: { engine, voice },
      configuration: { apiKeys: [{ name: 'tests', key: KEY }], detectLanguages: ['es', 'fr', 'ru'] },
    });
    server = http.createServer(createHttpApp(service)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    client = new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 });
    direct = await recogniseFile(
      { source: { path: FEDORA }, channels: 'mix', language: 'es', endpointing: DEFAULT_ENDPOINTING, words: true },
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
    const request = { file: await fedora(), model: MODEL, language: 'es' };
    const words = transcriptText(direct);
    expect(words.toLowerCase()).toMatch(/^un sombrero azul/);

    const json = await client.audio.transcriptions.create(request);
    expect(json.text).toBe(words);
    expect(json.usage).toEqual({ type: 'duration', seconds: direct.durationMs / 1000 });
    transcriptionSchema.parse(json);

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

  it('gets the times of words, which join to the text, in place of those of segments', async () => {
    const verbose = await client.audio.transcriptions.create({
      file: await fedora(),
      model: MODEL,
      language: 'es',
      response_format: 'verbose_json',
      timestamp_granularities: ['word'],
    });
    const { words = [], text, duration, segments } = verboseTranscriptionSchema.parse(verbose);
    expect(segments).toBeUndefined();
    expect(words.map(({ word }) => word).join(' ')).toBe(text);
    const places = words.flatMap(({ start, end }) => [start, end]);
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(words.at(-1)?.end).toBeLessThanOrEqual(duration);
    expect(words.at(-1)?.end).toBeGreaterThan(0.5);
  });

  it('gets subtitles', async () => {
    const words = transcriptText(direct);
    const request = { model: MODEL, language: 'es' };
    const srt = await client.audio.transcriptions.create({ ...request, file: await fedora(), response_format: 'srt' });
    expect(srt).toMatch(/^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\n/);
    expect(srt.split('\n').slice(2).join(' ').trim()).toBe(words);
    const vtt = await client.audio.transcriptions.create({ ...request, file: await fedora(), response_format: 'vtt' });
    expect(vtt).toMatch(/^WEBVTT\n\n00:00:00\.\d{3} --> /);
    expect(vtt).toContain(words);
  });

  it('gets log-probabilities whose bytes are the text', async () => {
    const answer = await client.audio.transcriptions.create({
      file: await fedora(),
      model: MODEL,
      language: 'es',
      include: ['logprobs'],
    });
    const bytes = (answer.logprobs ?? []).flatMap((logProb) => logProb.bytes ?? []);
    expect(Buffer.from(bytes).toString().trim()).toBe(answer.text);
    expect((answer.logprobs ?? []).every(({ logprob = 1 }) => logprob <= 0)).toBe(true);
  });

  it('gets events, whose deltas are the text', async () => {
    const long = wavOf(await oneAfterTheOther(CALL));
    const whole = await client.audio.transcriptions.create({ file: await toFile(long, 'a.wav'), model: MODEL, language: 'es' });
    const stream = await client.audio.transcriptions.create({
      file: await toFile(long, 'a.wav'),
      model: MODEL,
      language: 'es',
      stream: true,
      include: ['logprobs'],
    });
    const deltas: string[] = [];
    let done = '';
    for await (const event of stream) {
      transcriptionEventSchema.parse(event);
      if (event.type === 'transcript.text.delta') deltas.push(event.delta);
      if (event.type === 'transcript.text.done') done = event.text;
    }
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join('')).toBe(done);
    expect(done).toBe(whole.text);
  });

  it('gets who says what, where each speaker has a channel', async () => {
    const [first, both] = [await samplesOf('es-blue-fedora.ogg'), await oneAfterTheOther(CALL)];
    const channels = [new Float32Array(both.length), new Float32Array(both.length)] as const;
    channels[0].set(first);
    channels[1].set(both.subarray(first.length), first.length);
    const answer = await client.audio.transcriptions.create({
      file: await toFile(wavOf(...channels), 'call.wav'),
      model: MODEL,
      language: 'es',
      response_format: 'diarized_json',
    });
    const { segments, text } = diarizedTranscriptionSchema.parse(answer);
    expect(segments.map(({ speaker }) => speaker)).toEqual(['A', 'B']);
    expect(text).toMatch(/^A: .*\nB: /);
  });

  it('has its language found, among those of the service or of the request', async () => {
    const doll = async () => toFile(await readFile(`${SPEECH}es-grannysmith.ogg`), 'doll.ogg');
    const found = await client.audio.transcriptions.create({ file: await doll(), model: MODEL });
    expect(transcriptionSchema.parse(found)).toMatchObject({ languages: [{ code: 'es' }] });
    const among = { file: await doll(), model: MODEL, languages: ['fr', 'es'], response_format: 'verbose_json' } as const;
    expect(await client.audio.transcriptions.create(among)).toMatchObject({ language: 'spanish', text: found.text });
  });

  it('has its prompt, keywords and temperature taken into account', async () => {
    const request = { model: MODEL, language: 'es', response_format: 'verbose_json' } as const;
    const warm = { ...request, temperature: 0.8 };
    const [once, again] = [
      await client.audio.transcriptions.create({ ...warm, file: await fedora() }),
      await client.audio.transcriptions.create({ ...warm, file: await fedora() }),
    ];
    expect(once.segments?.[0]?.temperature).toBe(0.8);
    expect(again.text).toBe(once.text);
    const biased = { ...request, file: await fedora(), prompt: 'sombreros, zapatos', keywords: ['sombrero azul'] };
    const answer = await client.audio.transcriptions.create(biased);
    expect(answer.text.toLowerCase()).toContain('sombrero azul');
  });

  it('gets translations into English', async () => {
    const answer = await client.audio.translations.create({ file: await fedora(), model: MODEL });
    expect(answer.text.toLowerCase()).toMatch(/blue|hat/);
    const verbose = await client.audio.translations.create({
      file: await fedora(),
      model: MODEL,
      response_format: 'verbose_json',
    });
    expect(verboseTranscriptionSchema.parse(verbose)).toMatchObject({ task: 'translate', language: 'english' });
    const srt = await client.audio.translations.create({ file: await fedora(), model: MODEL, response_format: 'srt' });
    expect(srt).toMatch(/^1\n/);
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
      'gpt-transcribe',
      'gpt-4o-transcribe',
      'gpt-4o-mini-transcribe',
      'nova-*',
    ]);
    expect(await client.models.retrieve('whisper-base')).toMatchObject({ object: 'model', digest: engine.base.digest });
    await expect(client.models.retrieve('whisper-9')).rejects.toBeInstanceOf(NotFoundError);
  });

  it('tells errors by their classes, codes and fields', async () => {
    const request = { file: await fedora(), model: MODEL };
    const failed = async (work: Promise<unknown>) =>
      work.then(
        () => null,
        (error: unknown) => error,
      );

    const noLanguage = await failed(client.audio.transcriptions.create({ ...request, language: 'tlh' }));
    expect(noLanguage).toBeInstanceOf(BadRequestError);
    expect(noLanguage).toMatchObject({
      status: 400,
      code: 'language_unknown',
      param: 'language',
      type: 'invalid_request_error',
      requestID: expect.any(String),
    });

    const mono = await toFile(wavOf(await samplesOf('es-blue-fedora.ogg')), 'mono.wav');
    const oneSpeaker = await failed(
      client.audio.transcriptions.create({ file: mono, model: MODEL, response_format: 'diarized_json' }),
    );
    expect(oneSpeaker).toBeInstanceOf(BadRequestError);
    expect(oneSpeaker).toMatchObject({ code: 'unsupported_response_format', param: 'response_format' });

    const streamed = await failed(
      client.audio.transcriptions.create({ file: await toFile(Buffer.from('no audio'), 'a.wav'), model: MODEL, stream: true }),
    );
    expect(streamed).toBeInstanceOf(BadRequestError);
    expect(streamed).toMatchObject({ code: 'audio_unreadable', param: 'file' });

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
      { file: long, model: MODEL, language: 'es' },
      { signal: leaving.signal },
    );
    await expect.poll(() => engine.rowsInFlight, { interval: 1, timeout: 60_000 }).toBeGreaterThan(0);
    leaving.abort();
    await expect(request).rejects.toThrow(OpenAI.APIUserAbortError);
    await expect.poll(() => engine.rowsInFlight).toBe(0);
    await expect.poll(async () => (await engine.stats()).cancelledRows).toBe(before.cancelledRows + 1);
  });
});

/** 16 kHz */
async function samplesOf(file: string): Promise<Float32Array> {
  return mixDown((await readAudio({ path: SPEECH + file }, { env: process.env })).channels);
}

/** With a second of silence between them. */
async function oneAfterTheOther(files: readonly string[]): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for (const file of files) pieces.push(await samplesOf(file), new Float32Array(SAMPLE_RATE_HZ));
  const joined = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const piece of pieces) {
    joined.set(piece, filled);
    filled += piece.length;
  }
  return joined;
}
