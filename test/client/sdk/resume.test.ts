import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientStream } from '../../../client/sdk/client-stream.ts';
import type { StreamOptions } from '../../../client/sdk/stream-options.ts';
import { eventually, heldEngine, silence, speech, testStreams } from '../../server/stream/serve-streams.ts';
import { type Cut, cuttingProxy } from '../../support/cutting-proxy.ts';
import { eventsOf, openTestStream } from './open-test-stream.ts';

const SETTINGS = {
  language: 'es',
  partials: { cadence_ms: 200 },
  endpointing: { silence_ms: 100, prefix_ms: 0 },
  reconnect: { firstWaitMs: 1, longestWaitMs: 4 },
} as const;

const open = (url: string, options: Partial<StreamOptions> = {}) => openTestStream({ ...SETTINGS, url, ...options });

/** Six utterances of different lengths, one ended by flush, two in another language; what a client keeps of its finals. */
async function play(stream: ClientStream): Promise<readonly unknown[]> {
  const events = eventsOf(stream);
  for (const [index, seconds] of [0.512, 0.64, 0.768, 0.896, 1.024, 1.152].entries()) {
    const samples = speech(seconds);
    for (let at = 0; at < samples.length; at += 1_600) await stream.send(samples.subarray(at, at + 1_600));
    if (index === 2) stream.flush();
    else await stream.send(silence(0.256));
    if (index === 3) stream.setLanguage({ language: 'el' });
  }
  await stream.finish();
  return (await events)
    .filter((event) => event.type === 'final')
    .map(({ sequence, text, start, end, language, ended_by }) => ({ sequence, text, start, end, language, ended_by }));
}

describe('a stream whose connection is cut', () => {
  it('has the finals that it would have had, each once and in order, wherever it is cut', { timeout: 120_000 }, async () => {
    const { url } = await testStreams();
    const unbroken = await play(await open(url));
    expect(unbroken).toHaveLength(6);
    const proxy = await cuttingProxy(url);
    const cut = fc.oneof(
      // behind the handshake and the answer to start, of which there would be no stream
      fc.integer({ min: 600, max: 160_000 }).map((afterBytes): Cut => ({ towards: 'server', afterBytes })),
      fc.integer({ min: 1_100, max: 6_000 }).map((afterBytes): Cut => ({ towards: 'client', afterBytes })),
    );
    const later = fc.oneof(
      fc.integer({ min: 1, max: 100_000 }).map((afterBytes): Cut => ({ towards: 'server', afterBytes })),
      fc.integer({ min: 1, max: 4_000 }).map((afterBytes): Cut => ({ towards: 'client', afterBytes })),
    );
    const plans = fc.tuple(cut, fc.array(later, { maxLength: 3 })).map(([first, rest]) => [first, ...rest]);
    await fc.assert(
      fc.asyncProperty(plans, async (planned) => {
        proxy.plan(planned);
        expect(await play(await open(proxy.url))).toEqual(unbroken);
      }),
      { numRuns: 50, seed: 7 },
    );
    expect(proxy.cuts).toBeGreaterThan(50);
  });

  it('tells that it waits, and that it goes on', async () => {
    const { url } = await testStreams();
    const proxy = await cuttingProxy(url);
    proxy.plan([
      { towards: 'server', afterBytes: 20_000 },
      { towards: 'server', afterBytes: 10 },
    ]);
    const stream = await open(proxy.url);
    const events = eventsOf(stream);
    await stream.send(speech(1));
    await stream.finish();
    const told = (await events).filter(({ type }) => type === 'reconnecting' || type === 'resumed');
    expect(told).toEqual([
      { type: 'reconnecting', attempt: 1, waitMs: 1 },
      { type: 'reconnecting', attempt: 2, waitMs: expect.any(Number) },
      expect.objectContaining({ type: 'resumed', session: stream.ready.session }),
    ]);
  });

  it('without reconnecting ends with it', async () => {
    const { url } = await testStreams();
    const proxy = await cuttingProxy(url);
    proxy.plan([{ towards: 'server', afterBytes: 20_000 }]);
    const stream = await open(proxy.url, { reconnect: false });
    expect(stream.ready.session).toBeNull();
    await stream.send(speech(1));
    await expect(eventsOf(stream)).rejects.toMatchObject({ code: 'connection_lost', retryable: true });
    await expect(stream.finish()).rejects.toMatchObject({ code: 'connection_lost' });
  });

  it('ends with the reason if the service knows it no more', async () => {
    const { url, streams } = await testStreams(heldEngine());
    const other = await testStreams();
    const proxy = await cuttingProxy(url);
    proxy.plan([{ towards: 'server', afterBytes: 20_000 }]);
    const stream = await open(proxy.url);
    // the address has another service behind it now
    proxy.forwardTo(other.url);
    await stream.send(speech(1));
    await expect(eventsOf(stream)).rejects.toMatchObject({ code: 'session_unknown', retryable: false });
    expect(streams.openStreams).toBe(0);
  });

  it('gives up when the service cannot be reached for as long as it keeps a stream', async () => {
    const { url } = await testStreams({ configuration: { resumeWindowSeconds: 1 } });
    const proxy = await cuttingProxy(url);
    proxy.plan([{ towards: 'server', afterBytes: 20_000 }]);
    const stream = await open(proxy.url);
    proxy.forwardTo('http://127.0.0.1:9');
    await stream.send(speech(1));
    await expect(eventsOf(stream)).rejects.toMatchObject({
      code: 'connection_lost',
      message: 'The connection was lost, and could not be resumed within 1 s.',
    });
  });

  it('is cancelled while it waits', async () => {
    const { url } = await testStreams();
    const proxy = await cuttingProxy(url);
    proxy.plan([{ towards: 'server', afterBytes: 20_000 }]);
    const stream = await open(proxy.url, { reconnect: { firstWaitMs: 60_000, longestWaitMs: 60_000 } });
    await stream.send(speech(1));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { type } of stream) seen.push(type);
    })();
    await eventually(() => seen.includes('reconnecting'));
    stream.cancel();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('keeps what is sent meanwhile, up to its buffer', async () => {
    const { url } = await testStreams();
    const proxy = await cuttingProxy(url);
    proxy.plan([{ towards: 'client', afterBytes: 2_000 }]);
    const stream = await open(proxy.url, { bufferBytes: 64_000 });
    const events = eventsOf(stream);
    // more than fits, over and over: it waits for the service, and goes on
    for (let sent = 0; sent < 40; sent += 1) await stream.send(sent % 2 === 0 ? speech(0.512) : silence(0.512));
    expect(await stream.finish()).toMatchObject({ audio: 40 * 0.512, finals: 20 });
    expect((await events).filter(({ type }) => type === 'final')).toHaveLength(20);
  });
});
