import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientStream } from '../../../client/sdk/client-stream.ts';
import { openStream } from '../../../client/sdk/open-stream.ts';
import type { StreamEvent } from '../../../client/sdk/stream-event.ts';
import type { StreamOptions } from '../../../client/sdk/stream-options.ts';
import { eventually, heldEngine, silence, speech, testStreams } from '../../server/stream/serve-streams.ts';
import { httpServers } from '../../support/serve-http.ts';
import { createTestService } from '../../support/test-service.ts';
import { eventsOf, openTestStream } from './open-test-stream.ts';

const serve = httpServers();
const KEY = 'c'.repeat(32);
/** Seconds of 32 windows of the voice detector, each 512 samples: a flush ends at the last one that is whole. */
const WINDOWS_32 = 1.024;
const SETTINGS = { language: 'es', endpointing: { silence_ms: 200, prefix_ms: 0 } } as const;

const open = (url: string, options: Partial<StreamOptions> = {}) => openTestStream({ ...SETTINGS, url, ...options });

describe('a stream', () => {
  it('gives typed events until it is closed, and says what was received', async () => {
    const { url } = await testStreams({ hear: () => 'un sombrero' });
    const stream = await open(url);
    expect(stream.ready).toMatchObject({ language: 'es', encoding: 'pcm_s16le', sample_rate: 16_000, adapter: null });
    for (const audio of [silence(1.024), speech(0.512), silence(0.512)]) await stream.send(audio);
    expect(await stream.finish()).toMatchObject({ reason: 'finish', audio: 2.048, finals: 1 });
    const events = await eventsOf(stream);
    expect(events.map(({ type }) => type)).toEqual(['ready', 'speech_started', 'final', 'closed']);
    expect(events[2]).toMatchObject({ text: 'un sombrero', start: 1.024, end: 1.536 });
  });

  it('takes floats, and bytes that are cut anywhere', async () => {
    const { url } = await testStreams();
    const floats = await open(url);
    await floats.send(Float32Array.from(speech(1), (sample) => sample / 32_768));
    expect(await floats.finish()).toMatchObject({ audio: 1, finals: 1 });
    const bytes = await open(url);
    const samples = new Uint8Array(speech(1).buffer);
    for (let at = 0; at < samples.length; at += 777) await bytes.send(samples.subarray(at, at + 777));
    expect(await bytes.finish()).toMatchObject({ audio: 1, finals: 1 });
  });

  it('ends an utterance by flush, and goes on in another language', async () => {
    const { url } = await testStreams();
    const stream = await open(url);
    await stream.send(speech(WINDOWS_32));
    stream.flush();
    await stream.send(speech(WINDOWS_32));
    stream.setLanguage({ language: 'el' });
    await stream.send(speech(WINDOWS_32));
    await stream.finish();
    const events = await eventsOf(stream);
    const finals = events.filter((event) => event.type === 'final');
    expect(finals.map(({ text, ended_by }) => [text, ended_by])).toEqual([
      ['es 16384', 'flush'],
      ['es 16384', 'language'],
      ['el 16384', 'finish'],
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'language', language: 'el', start: 2 * WINDOWS_32 }));
  });

  it('goes on when its reader stops reading', async () => {
    const { url } = await testStreams();
    const stream = await open(url);
    for await (const event of stream) if (event.type === 'ready') break;
    await stream.send(speech(1));
    await stream.finish();
    expect((await eventsOf(stream)).map(({ type }) => type)).toEqual(['speech_started', 'final', 'closed']);
  });

  it('takes nothing behind finish', async () => {
    const { url } = await testStreams();
    const stream = await open(url);
    const closed = stream.finish();
    await expect(stream.send(speech(1))).rejects.toMatchObject({ code: 'audio_after_finish' });
    expect(() => stream.flush()).toThrow(expect.objectContaining({ code: 'audio_after_finish' }));
    expect(await stream.finish()).toEqual(await closed);
    await expect(stream.send(speech(1))).rejects.toMatchObject({ code: 'audio_after_finish' });
  });

  it('ends with the code that the service ends it with, for everybody who waits', async () => {
    const { url } = await testStreams({ configuration: { maxStreamSeconds: 10 } });
    const stream = await open(url);
    await stream.send(speech(9));
    await stream.send(speech(2));
    const events: StreamEvent[] = [];
    await expect(async () => {
      for await (const event of stream) events.push(event);
    }).rejects.toMatchObject({ code: 'stream_too_long', retryable: false });
    expect(events.at(-2)).toMatchObject({ type: 'final' });
    expect(events.at(-1)).toMatchObject({ type: 'closed', reason: 'error' });
    await expect(stream.finish()).rejects.toMatchObject({ code: 'stream_too_long' });
    await expect(stream.send(speech(1))).rejects.toMatchObject({ code: 'stream_too_long' });
  });

  it('tells a drain as an end, after which nothing can be sent', async () => {
    const { url, streams } = await testStreams();
    const stream = await open(url);
    await stream.send(speech(1));
    void streams.drain();
    const events = await eventsOf(stream);
    expect(events.at(-1)).toMatchObject({ type: 'closed', reason: 'drain' });
    expect(await stream.finish()).toMatchObject({ reason: 'drain' });
    await expect(stream.send(speech(1))).rejects.toMatchObject({ code: 'draining', retryable: true });
  });
});

describe('a stream that cannot be opened', () => {
  it('says that nobody is there', async () => {
    await expect(openStream({ ...SETTINGS, url: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      name: 'FloraAsrClientError',
      code: 'connection_failed',
      retryable: true,
      message: expect.stringMatching(/^127\.0\.0\.1:9 cannot be reached: .*ECONNREFUSED/),
    });
  });

  it('says what the service says of the start', async () => {
    const { url } = await testStreams();
    await expect(openStream({ ...SETTINGS, url, language: 'tlh' })).rejects.toMatchObject({
      code: 'language_unknown',
      param: 'language',
      retryable: false,
    });
  });

  it('says what is wrong with its key', async () => {
    const { href: url } = await serve(createTestService({ configuration: { apiKeys: [{ name: 'captions', key: KEY }] } }));
    await expect(openStream({ ...SETTINGS, url })).rejects.toMatchObject({ code: 'key_missing' });
    await expect(openStream({ ...SETTINGS, url, apiKey: 'wrong-wrong-wrong' })).rejects.toMatchObject({ code: 'key_unknown' });
  });

  it('says that it is no service of this kind', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 418 Teapot\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    await expect(openStream({ ...SETTINGS, url: `http://127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'answer_invalid',
      message: expect.stringMatching(/answered 418/),
    });
  });

  it('was cancelled before', async () => {
    const { url } = await testStreams();
    await expect(openStream({ ...SETTINGS, url, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a stream with a key', () => {
  it('shows it', async () => {
    const { url } = await testStreams({ configuration: { apiKeys: [{ name: 'captions', key: KEY }] } });
    expect((await open(url, { apiKey: KEY })).ready.language).toBe('es');
  });
});

describe('an aborted stream', () => {
  it.each([
    ['by its signal', (stop: AbortController) => stop.abort(new Error('enough'))],
    ['by cancel', (_: AbortController, stream: ClientStream) => stream.cancel(new Error('enough'))],
  ])('%s ends at once for everybody, and its rows with it', async (_, end) => {
    const { url, service, streams } = await testStreams(heldEngine());
    const stop = new AbortController();
    const stream = await open(url, { signal: stop.signal });
    await stream.send(speech(1));
    await stream.send(silence(1));
    await eventually(() => service.engine.rowsInFlight === 1);
    const finished = stream.finish();
    end(stop, stream);
    await expect(finished).rejects.toMatchObject({ code: 'cancelled', cause: new Error('enough') });
    await expect(eventsOf(stream)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(stream.finish()).rejects.toMatchObject({ code: 'cancelled' });
    await eventually(() => service.engine.rowsInFlight === 0 && streams.openStreams === 0);
  });
});

describe('a stream that its service does not read from', () => {
  it('makes its sender wait, and refuses what is far too much', async () => {
    const engine = heldEngine();
    const { url, service } = await testStreams({ ...engine, configuration: { streamBufferSeconds: 1 } });
    const stream = await open(url, { bufferBytes: 2 ** 20, endpointing: { silence_ms: 100, prefix_ms: 0 } });
    await stream.send(speech(0.768));
    await stream.send(silence(0.256));
    await stream.send(speech(0.768));
    await stream.send(silence(0.256));
    await eventually(() => service.engine.rowsInFlight >= 1);
    const quiet = new Uint8Array(2 ** 19);
    // what fits into sockets is gone at once; then less and less is
    const sends: Promise<void>[] = [];
    let settled = 0;
    while (sends.length === settled) {
      const sent = stream.send(quiet);
      const counted = sent.then(() => {
        settled += 1;
      });
      sends.push(counted);
      await sleep(20);
    }
    const flood = Array.from({ length: 16 }, () => stream.send(quiet));
    await expect(Promise.all(flood)).rejects.toMatchObject({ code: 'buffer_full', retryable: true });
    engine.letGo();
    await Promise.all(sends);
    expect(await stream.finish()).toMatchObject({ reason: 'finish', finals: 2 });
  });
});
