import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type Deepgram, DeepgramClient, DeepgramError } from '@deepgram/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../asr/engine/engine.ts';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import { deepgramProtocol } from '../../../server/deepgram/deepgram-protocol.ts';
import { listenRouter } from '../../../server/deepgram/listen-route.ts';
import { createHttpApp } from '../../../server/http/create-http-app.ts';
import { createStreamServer } from '../../../server/sockets/create-stream-server.ts';
import { type SpeechPiece, speechFixtures, startRealEngine } from '../../support/real-engine.ts';
import { createTestService } from '../../support/test-service.ts';

type Listening = Awaited<ReturnType<DeepgramClient['listen']['v1']['connect']>>;
type Message = Results | { readonly type: 'Metadata' | 'SpeechStarted' | 'UtteranceEnd' | 'Error' };
type Results = Deepgram.listen.ListenV1Results;

const RATE_HZ = 16_000;
const RAW = { encoding: 'linear16', sample_rate: RATE_HZ };
/** 100 ms */
const FRAME_SAMPLES = 1_600;
const PAUSE = new Int16Array(RATE_HZ);
const RECORDING = 'test/fixtures/speech/es-blue-fedora.ogg';

describe("Deepgram's official SDK", () => {
  let engine: Engine;
  let voice: VoiceDetector;
  let fixtures: readonly SpeechPiece[];
  let url = '';
  let client: DeepgramClient;
  const server = createServer();
  beforeAll(async () => {
    [engine, voice, fixtures] = await Promise.all([startRealEngine(), startSileroDetector(), speechFixtures()]);
    const recogniser = { engine, voice, rows: new RowGate(64), clock: () => performance.now() };
    const service = createTestService({ recogniser, configuration: { apiKeys: [{ name: 'captions', key: 'secret' }] } });
    server.on('request', createHttpApp(service, { routes: [listenRouter(service)] }));
    createStreamServer(service, [deepgramProtocol()]).attach(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = clientWith('secret');
  });
  afterAll(async () => {
    server.closeAllConnections();
    await Promise.all([engine.close(), voice.close(), new Promise((resolve) => server.close(resolve))]);
  });

  function clientWith(apiKey: string): DeepgramClient {
    return new DeepgramClient({ apiKey, baseUrl: url, maxRetries: 0 });
  }

  function spanish(index: number): Int16Array {
    const samples = fixtures.filter(({ language }) => language === 'es')[index]?.samples ?? new Float32Array(0);
    // half as loud, as some of the recordings go beyond full scale
    return Int16Array.from(samples, (sample) => Math.round(16_000 * sample));
  }

  async function listen(options: Partial<Parameters<DeepgramClient['listen']['v1']['connect']>[0]>): Promise<Told> {
    const connection = await client.listen.v1.connect({
      model: 'nova-3',
      language: 'es',
      Authorization: '',
      reconnectAttempts: 0,
      ...options,
    });
    const told = new Told(connection);
    connection.connect();
    await connection.waitForOpen();
    return told;
  }

  it('streams: words while they are spoken, Finalize, KeepAlive, CloseStream', async () => {
    // no pause ends what is said before Finalize does
    const settings = { interim_results: 'true', punctuate: 'true', vad_events: 'true', endpointing: 3_000 } as const;
    const told = await listen({ ...RAW, ...settings });
    const { connection } = told;
    connection.sendKeepAlive({ type: 'KeepAlive' });
    await told.speak(spanish(1), () => told.results.some(({ is_final: isFinal }) => isFinal === false));
    connection.sendFinalize({ type: 'Finalize' });
    // where looks are slow, some of a long utterance may have been final before
    await told.until(() => told.finals.at(-1)?.from_finalize === true);
    expect(told.finals.at(-1)).toMatchObject({ from_finalize: true, speech_final: true });
    const finalised = told.finals.length;
    await told.play(spanish(1));
    await told.play(PAUSE);
    connection.sendCloseStream({ type: 'CloseStream' });
    expect((await told.closed).code).toBe(1000);
    expect(told.finals).toHaveLength(finalised + 1);
    for (const { channel } of told.finals) {
      const [alternative] = channel.alternatives;
      expect(alternative?.transcript).toMatch(/sombrero/i);
      expect(alternative?.languages).toEqual(['es']);
      expect(alternative?.words.find(({ word }) => word === 'sombrero')?.confidence).toBeGreaterThan(0);
    }
    for (const [at, { start }] of told.finals.slice(1).entries()) {
      const before = told.finals[at];
      expect(start).toBeGreaterThanOrEqual((before?.start ?? 0) + (before?.duration ?? 0));
    }
    const words = told.finals.flatMap(({ channel }) => channel.alternatives[0]?.words ?? []);
    const times = words.flatMap(({ start, end }) => [start, end]);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(told.messages.map(({ type }) => type)).toContain('SpeechStarted');
    expect(told.messages.at(-1)).toMatchObject({ type: 'Metadata', channels: 1 });
  });

  it('streams two channels, each with its own words', async () => {
    const told = await listen({ ...RAW, channels: 2, multichannel: 'true' });
    const [left, right] = [spanish(1), spanish(2)];
    const frames = Math.max(left.length, right.length);
    await told.play(Int16Array.from({ length: 2 * frames }, (_, at) => (at % 2 === 0 ? left : right)[at >> 1] ?? 0));
    told.connection.sendCloseStream({ type: 'CloseStream' });
    expect((await told.closed).code).toBe(1000);
    const textOf = (channel: number) =>
      told.finals
        .filter(({ channel_index: index }) => index[0] === channel && index[1] === 2)
        .map((results) => results.channel.alternatives[0]?.transcript)
        .join(' ');
    expect(textOf(0)).toMatch(/sombrero/);
    expect(textOf(1)).not.toMatch(/sombrero/);
    expect(textOf(1)).not.toBe('');
  });

  it('streams compressed audio, with the words of its file', async () => {
    const told = await listen({ punctuate: 'true' });
    const file = await readFile(RECORDING);
    for (let at = 0; at < file.length; at += 1_000) told.connection.sendMedia(Uint8Array.from(file.subarray(at, at + 1_000)));
    told.connection.sendCloseStream({ type: 'CloseStream' });
    expect((await told.closed).code).toBe(1000);
    const { results } = answerOf(await client.listen.v1.media.transcribeFile(file, { language: 'es', punctuate: true }));
    const streamed = told.finals.map(({ channel }) => channel.alternatives[0]?.transcript).join(' ');
    expect(streamed).toMatch(/sombrero/i);
    expect(streamed).toBe(results.channels[0]?.alternatives?.[0]?.transcript);
  });

  it('is closed, and told why, where what comes is no audio', async () => {
    const told = await listen({});
    told.connection.sendMedia(Buffer.from('This is not audio. '.repeat(5_000)));
    told.connection.sendCloseStream({ type: 'CloseStream' });
    const { code, reason } = await told.closed;
    expect([code, reason?.slice(0, 9)]).toEqual([1008, 'DATA-0000']);
    expect(told.messages).toMatchObject([{ type: 'Error', variant: 'audio_unreadable' }, { type: 'Metadata' }]);
  });

  it('transcribes a file, read or streamed', async () => {
    const options = { model: 'nova-3', language: 'es', smart_format: true, utterances: true, keyterm: ['sombrero'] };
    const read = answerOf(await client.listen.v1.media.transcribeFile(await readFile(RECORDING), options));
    const streamed = answerOf(await client.listen.v1.media.transcribeFile(createReadStream(RECORDING), options));
    const [alternative] = read.results.channels[0]?.alternatives ?? [];
    expect(alternative?.transcript).toMatch(/sombrero/i);
    expect(alternative?.words?.map(({ word }) => word)).toContain('sombrero');
    expect(alternative?.paragraphs?.paragraphs).toHaveLength(1);
    expect(read.results.utterances?.[0]?.transcript).toMatch(/sombrero/i);
    expect(read.metadata).toMatchObject({ channels: 1, sha256: streamed.metadata.sha256 });
    expect(streamed.results.channels).toEqual(read.results.channels);
  });

  it('has its own errors for what is refused', async () => {
    const file = await readFile(RECORDING);
    const { media } = client.listen.v1;
    const redacted = await rejection(media.transcribeFile(file, { redact: 'pci' }));
    expect(redacted.constructor.name).toBe('BadRequestError');
    expect(redacted).toMatchObject({ statusCode: 400, body: { err_code: 'INVALID_QUERY_PARAMETER', param: 'redact' } });
    expect(await rejection(media.transcribeUrl({ url: 'https://example.com/a.wav' }))).toMatchObject({
      body: { param: 'url' },
    });
    expect(await rejection(media.transcribeFile(Buffer.from('no audio'), {}))).toMatchObject({
      body: { err_code: 'Bad Request' },
    });
    const stranger = await rejection(clientWith('wrong').listen.v1.media.transcribeFile(file, {}));
    expect(stranger).toMatchObject({ statusCode: 401, body: { err_code: 'INVALID_AUTH' } });
    const told = client.listen.v1.connect({ model: 'nova-3', redact: 'pci', Authorization: '', reconnectAttempts: 0 });
    const connection = await told;
    const failed = new Promise<Error>((resolve) => connection.on('error', resolve));
    connection.connect();
    expect((await failed).message).toContain('400');
  });
});

/** What a stream told, in its order. */
class Told {
  readonly connection: Listening;
  readonly messages: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason?: string }>;
  readonly #watchers = new Set<() => void>();

  constructor(connection: Listening) {
    this.connection = connection;
    connection.on('message', (message) => {
      this.messages.push(message);
      for (const watch of [...this.#watchers]) watch();
    });
    this.closed = new Promise((resolve) => {
      connection.on('close', resolve);
    });
  }

  get results(): readonly Results[] {
    return this.messages.filter((message): message is Results => message.type === 'Results');
  }

  get finals(): readonly Results[] {
    return this.results.filter(({ is_final: isFinal }) => isFinal);
  }

  async play(samples: Int16Array): Promise<void> {
    for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
      this.connection.sendMedia(samples.slice(at, at + FRAME_SAMPLES));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** As somebody would who speaks, again and again, until it is so: words are shown once several looks agree on them. */
  async speak(samples: Int16Array, isIt: () => boolean): Promise<void> {
    for (let at = 0; !isIt(); at = (at + FRAME_SAMPLES) % samples.length) {
      this.connection.sendMedia(samples.slice(at, at + FRAME_SAMPLES));
      await setTimeout(FRAME_SAMPLES / (RATE_HZ / 1000));
    }
  }

  async until(isIt: () => boolean): Promise<void> {
    if (isIt()) return;
    await new Promise<void>((resolve) => {
      const watch = () => {
        if (!isIt()) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
    });
  }
}

function answerOf(answer: Deepgram.listen.v1.MediaTranscribeResponse): Deepgram.ListenV1Response {
  if ('results' in answer) return answer;
  throw new Error('The answer has no results.');
}

async function rejection(work: PromiseLike<unknown>): Promise<DeepgramError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DeepgramError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}
