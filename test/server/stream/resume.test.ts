import { describe, expect, it } from 'vitest';
import type { ServerMessage } from '../../../server/protocol/stream-messages.ts';
import type { StreamClient } from '../../support/stream-client.ts';
import type { TestServiceOptions } from '../../support/test-service.ts';
import { eventually, heldEngine, silence, speech, type TestStreams, testStreams } from './serve-streams.ts';

const QUICK = { silence_ms: 100, prefix_ms: 0 };
const WINDOW_SECONDS = 60;

interface Resumable extends TestStreams {
  readonly client: StreamClient;
  readonly session: string;
}

/** A stream that can be resumed, and its first connection. */
async function resumable(options: TestServiceOptions = {}): Promise<Resumable> {
  const streams = await testStreams(options);
  const client = await streams.connect();
  return { ...streams, client, session: await startResumable(client) };
}

async function startResumable(client: StreamClient): Promise<string> {
  const { session, resume_window: window } = await client.start({ resumable: true, endpointing: QUICK });
  expect(window).toBe(WINDOW_SECONDS);
  return session ?? '';
}

async function vanished({ client, streams, service }: Pick<Resumable, 'client' | 'streams' | 'service'>): Promise<void> {
  const { detached } = service.metrics.open;
  client.vanish();
  await eventually(() => service.metrics.open.detached === detached + 1 && streams.openStreams === 0);
}

async function resume(client: StreamClient, session: string, received = 0) {
  client.send({ type: 'resume', session, received });
  return client.until('resumed');
}

/** An utterance of half a second, and the pause that ends it. */
function say(client: StreamClient): void {
  client.sendAudio(speech(0.512));
  client.sendAudio(silence(0.256));
}

const outcomes = (messages: readonly ServerMessage[]) =>
  messages.flatMap((message) => (message.type === 'final' ? [[message.sequence, message.start, message.end]] : []));

describe('a resumable stream', () => {
  it('goes on over another connection, which is told what it missed', async () => {
    const { client, session, connect, service, streams } = await resumable();
    expect(session).toMatch(/^[\w-]{32}$/);
    say(client);
    await client.until('final');
    client.send({ type: 'flush' });
    client.sendAudio(speech(0.256));
    await client.wasRead();
    await vanished({ client, streams, service });
    expect(service.metrics.open).toMatchObject({ streams: 1, detached: 1 });

    const next = await connect();
    expect(await resume(next, session, 0)).toEqual({
      type: 'resumed',
      session,
      stream_id: expect.any(String),
      samples: 16_384,
      messages: 1,
      language: 'es',
      languages: null,
      adapter: null,
      resume_window: WINDOW_SECONDS,
    });
    // the utterance that was open is still open
    next.sendAudio(speech(0.256));
    const { code, messages } = await next.finish();
    expect(code).toBe(1000);
    expect(outcomes(messages)).toEqual([
      [0, 0, 0.512],
      [1, 0.768, 1.28],
    ]);
    expect(messages.at(-1)).toEqual({ type: 'closed', reason: 'finish', audio: 1.28, finals: 2 });
    await eventually(() => streams.openStreams === 0);
    expect(service.metrics.open).toMatchObject({ streams: 0, detached: 0, resumed: 1 });
    expect(service.metrics.closedStreams).toEqual([{ protocol: 'stream', reason: 'finish', audioMs: 1_280 }]);
    expect(service.logged.map(({ msg }) => msg)).toEqual([
      'stream opened',
      'stream detached',
      'stream resumed',
      'stream closed',
    ]);
    expect(JSON.stringify(service.logged)).not.toContain(session);
  });

  it('is not told again what it has', async () => {
    const { client, session, connect, ...streams } = await resumable();
    for (let said = 0; said < 3; said += 1) say(client);
    await client.when(() => client.finals.length === 3);
    await vanished({ client, ...streams });
    const next = await connect();
    await resume(next, session, 2);
    expect(outcomes((await next.finish()).messages)).toEqual([[2, 1.536, 2.048]]);
  });

  it('keeps what was recognised, and what was lost, while nobody was there', async () => {
    const engine = heldEngine();
    let heard = 0;
    const { client, session, connect, ...streams } = await resumable({
      hear: async () => {
        heard += 1;
        const first = heard === 1;
        await engine.hear();
        if (first) throw new TypeError('lost');
        return 'words';
      },
    });
    say(client);
    say(client);
    await client.wasRead();
    await eventually(() => heard === 2);
    await vanished({ client, ...streams });
    engine.letGo();
    await eventually(() => streams.service.engine.rowsInFlight === 0);
    const next = await connect();
    await resume(next, session);
    const { messages } = await next.finish();
    expect(messages.slice(1, 3)).toEqual([
      expect.objectContaining({ type: 'error', sequence: 0, code: 'internal', fatal: false, start: 0, end: 0.512 }),
      expect.objectContaining({ type: 'final', sequence: 1, text: 'words', start: 0.768 }),
    ]);
  });

  it('that was finished keeps its last words until they are heard', async () => {
    const engine = heldEngine();
    const { client, session, connect, ...streams } = await resumable(engine);
    say(client);
    client.send({ type: 'finish' });
    await client.wasRead();
    await vanished({ client, ...streams });
    engine.letGo();
    await eventually(() => streams.service.engine.rowsInFlight === 0);
    const next = await connect();
    expect(await resume(next, session)).toMatchObject({ messages: 1 });
    const { code, messages } = await next.closed;
    expect(code).toBe(1000);
    expect(messages.map(({ type }) => type)).toEqual(['resumed', 'final', 'closed']);
    await eventually(() => streams.service.metrics.open.streams === 0);
    const late = await connect();
    late.send({ type: 'resume', session, received: 1 });
    expect((await late.closed).code).toBe(4404);
  });

  it('is taken over from a connection that seems to be there', async () => {
    const { client, session, connect, service } = await resumable();
    say(client);
    await client.until('final');
    const next = await connect();
    await resume(next, session, 1);
    client.sendAudio(speech(1)); // too late
    const { code, messages } = await client.closed;
    expect(code).toBe(4409);
    expect(messages.at(-1)).toMatchObject({ type: 'error', code: 'session_taken_over', fatal: true, sequence: null });
    next.sendAudio(speech(0.512));
    const { messages: told } = await next.finish();
    expect(outcomes(told)).toEqual([[1, 0.768, 1.28]]);
    expect(told.at(-1)).toMatchObject({ audio: 1.28 });
    expect(service.metrics.open).toMatchObject({ detached: 0, resumed: 1 });
  });

  it('confirms what was accepted, so that its client need not keep it', async () => {
    const { client } = await resumable();
    for (let sent = 0; sent < 5; sent += 1) client.sendAudio(silence(0.5));
    client.send({ type: 'flush' });
    client.sendAudio(silence(1));
    await client.finish();
    expect(client.messages.filter(({ type }) => type === 'accepted')).toEqual([
      { type: 'accepted', samples: 16_000, messages: 0 },
      { type: 'accepted', samples: 32_000, messages: 0 },
      { type: 'accepted', samples: 56_000, messages: 1 },
    ]);
  });

  it('ends with its connection if its client says goodbye', async () => {
    const { client, streams, service } = await resumable(heldEngine());
    say(client);
    await client.wasRead();
    client.socket.close(1000);
    await eventually(() => streams.openStreams === 0);
    expect(service.metrics.closedStreams).toEqual([{ protocol: 'stream', reason: 'gone', audioMs: 768 }]);
    expect(service.engine.rowsInFlight).toBe(0);
  });

  it('is kept if something on the way says goodbye', async () => {
    const { client, session, connect, streams, service } = await resumable();
    client.socket.close(1001);
    await eventually(() => streams.openStreams === 0);
    expect(service.metrics.open.detached).toBe(1);
    await resume(await connect(), session);
  });

  it('is cut off if it does not read, and may come back', async () => {
    const { client, session, connect, service, time } = await resumable();
    client.socket.pause();
    // two pings are not answered
    for (let beats = 0; beats < 3; beats += 1) time.advance(15_000);
    await eventually(() => service.metrics.open.detached === 1);
    await resume(await connect(), session);
    expect(service.metrics.open.detached).toBe(0);
  });
});

describe('a session that cannot be resumed', () => {
  const refusal = async (client: StreamClient, message: { session: string; received?: number }) => {
    client.send({ type: 'resume', received: 0, ...message });
    const { code, messages } = await client.closed;
    const [error] = messages.filter(({ type }) => type === 'error');
    return { code, error: error?.type === 'error' ? [error.code, error.param] : null };
  };
  const UNKNOWN = { code: 4404, error: ['session_unknown', 'session'] };

  it('was never there', async () => {
    const { connect } = await testStreams();
    expect(await refusal(await connect(), { session: 'nobody' })).toEqual(UNKNOWN);
  });

  it('is that of another client', async () => {
    const apiKeys = [
      { name: 'one', key: 'o'.repeat(32) },
      { name: 'other', key: 't'.repeat(32) },
    ];
    const { connect } = await testStreams({ configuration: { apiKeys } });
    const [one, other] = await Promise.all(apiKeys.map(({ key }) => connect({ headers: { authorization: `Bearer ${key}` } })));
    if (one === undefined || other === undefined) throw new Error('Two were asked for.');
    const session = await startResumable(one);
    expect(await refusal(other, { session })).toEqual(UNKNOWN);
    say(one);
    expect((await one.finish()).code).toBe(1000);
  });

  it('was away for too long; its rows are cancelled', async () => {
    const { client, session, connect, time, ...streams } = await resumable(heldEngine());
    say(client);
    await client.wasRead();
    await vanished({ client, ...streams });
    const { service } = streams;
    await eventually(() => service.engine.rowsInFlight === 1);
    time.advance(1000 * WINDOW_SECONDS - 1);
    expect(service.metrics.open.detached).toBe(1);
    time.advance(1);
    await eventually(() => service.engine.rowsInFlight === 0);
    expect(service.metrics.open).toMatchObject({ streams: 0, detached: 0 });
    expect(service.metrics.closedStreams).toEqual([{ protocol: 'stream', reason: 'expired', audioMs: 768 }]);
    expect(service.logged.at(-1)).toMatchObject({ msg: 'stream closed', reason: 'expired', finals: 0 });
    expect(await refusal(await connect(), { session })).toEqual(UNKNOWN);
  });

  it.each([
    ['of all', { maxDetachedStreams: 1 }],
    ['of one client', { maxDetachedPerKey: 1 }],
  ])('is one too many %s', async (_, configuration) => {
    const { client, session, connect, streams, service } = await resumable({ configuration });
    const second = await connect();
    const lost = await startResumable(second);
    client.vanish();
    await eventually(() => service.metrics.open.detached === 1);
    second.vanish();
    await eventually(() => streams.openStreams === 0);
    expect(service.metrics.closedStreams.map(({ reason }) => reason)).toEqual(['gone']);
    expect(await refusal(await connect(), { session: lost })).toEqual(UNKNOWN);
    await resume(await connect(), session);
  });

  it('has not had so many outcomes as the client says, and stays as it is', async () => {
    const { client, session, connect } = await resumable();
    expect(await refusal(await connect(), { session, received: 1 })).toEqual({
      code: 4400,
      error: ['message_invalid', 'received'],
    });
    say(client);
    expect((await client.finish()).code).toBe(1000);
  });

  it('is one that the service does not keep, and says so', async () => {
    const { connect, streams, service } = await testStreams({ configuration: { resumeWindowSeconds: 0 } });
    const client = await connect();
    expect(await client.start({ resumable: true })).toMatchObject({ session: null, resume_window: null });
    client.vanish();
    await eventually(() => streams.openStreams === 0);
    expect(service.metrics.closedStreams.map(({ reason }) => reason)).toEqual(['gone']);
  });

  it('ends with the service: nobody could come back to it', async () => {
    const { client, streams, service } = await resumable(heldEngine());
    say(client);
    await client.wasRead();
    await vanished({ client, streams, service });
    await streams.drain();
    expect(service.metrics.closedStreams).toEqual([{ protocol: 'stream', reason: 'drain', audioMs: 768 }]);
    await eventually(() => service.engine.rowsInFlight === 0);
  });

  it('is resumed by a first message only', async () => {
    const { client, session } = await resumable();
    client.send({ type: 'resume', session, received: 0 });
    const { code, messages } = await client.closed;
    expect(code).toBe(4400);
    expect(messages.slice(-2)).toMatchObject([{ code: 'start_repeated' }, { type: 'closed' }]);
  });
});
