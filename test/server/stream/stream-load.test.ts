import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StreamClient } from '../../support/stream-client.ts';
import { eventually, heldEngine, silence, speech, testStreams } from './serve-streams.ts';

const QUICK = { silence_ms: 100, prefix_ms: 0 };

/** Utterances of about a second, each ended by a pause. */
function sendUtterances(client: StreamClient, count: number): void {
  for (let sent = 0; sent < count; sent += 1) {
    client.sendAudio(speech(0.768));
    client.sendAudio(silence(0.256));
  }
}

describe('a client that sends faster than it is recognised', () => {
  it('has to wait, and loses nothing', async () => {
    const engine = heldEngine();
    const { connect, service, time } = await testStreams({ ...engine, configuration: { streamBufferSeconds: 3 } });
    const client = await connect();
    await client.start({ endpointing: QUICK });
    sendUtterances(client, 30); // thirty seconds; more than twice the buffer would be refused
    client.send({ type: 'finish' });
    await eventually(() => service.engine.rowsInFlight >= 3);
    const neighbour = await connect();
    await neighbour.start({ endpointing: QUICK });
    sendUtterances(neighbour, 1);
    await eventually(() => service.engine.rowsInFlight >= 4);
    // pongs lie unread behind the audio, which is no reason to give the client up
    time.advance(10 * 15_000);
    expect(service.engine.rowsInFlight).toBeLessThan(10);
    engine.letGo();
    const { code } = await client.closed;
    expect(code).toBe(1000);
    expect(client.errors).toEqual([]);
    expect(client.finals.map(({ start }) => start)).toEqual(Array.from({ length: 30 }, (_, index) => (index * 1_024) / 1_000));
  });

  it('keeps what is not read yet: the service does not take it into its memory', async () => {
    const { connect, service } = await testStreams({ ...heldEngine(), configuration: { streamBufferSeconds: 1 } });
    const client = await connect();
    await client.start({ endpointing: QUICK });
    sendUtterances(client, 2);
    await eventually(() => service.engine.rowsInFlight === 1);
    // more than the system's own buffers take
    for (let sent = 0; sent < 80; sent += 1) client.sendAudio(new Uint8Array(2 ** 19));
    expect(await unsentInTheEnd(client)).toBeGreaterThan(2 ** 20);
  });

  it('is not idle while it is not read from', async () => {
    const engine = heldEngine();
    const { connect, service, time } = await testStreams({
      ...engine,
      configuration: { streamBufferSeconds: 1, streamIdleSeconds: 60, pingSeconds: 300 },
    });
    const client = await connect();
    await client.start({ endpointing: QUICK });
    sendUtterances(client, 10);
    await eventually(() => service.engine.rowsInFlight === 1); // more than half of the buffer: it is not read from
    time.advance(61_000);
    engine.letGo();
    await client.when(() => client.finals.length === 10);
    time.advance(60_000);
    const { code } = await client.closed;
    expect(client.errors).toEqual([expect.objectContaining({ code: 'stream_idle' })]);
    expect(code).toBe(4408);
  });

  it('is refused what is more than twice the buffer, and gets the words of what came before', async () => {
    const { connect } = await testStreams({ configuration: { streamBufferSeconds: 1 } });
    const client = await connect();
    await client.start();
    client.sendAudio(speech(1));
    await client.until('speech_started'); // heard: nothing waits
    client.sendAudio(speech(2.1));
    const { code, messages } = await client.closed;
    expect(code).toBe(4408);
    expect(client.text).toBe('es 16000');
    expect(messages.slice(-2)).toEqual([
      expect.objectContaining({ type: 'error', code: 'backlog_exceeded', fatal: true }),
      { type: 'closed', reason: 'error', audio: 1, finals: 1 },
    ]);
  });
});

describe('a client that does not read', () => {
  it('is given up before its events pile up', async () => {
    const { connect, service, streams } = await testStreams({ hear: () => 'x'.repeat(2 ** 20) });
    const client = await connect();
    await client.start({ endpointing: QUICK });
    client.socket.pause();
    sendUtterances(client, 40);
    await eventually(() => streams.openStreams === 0);
    expect(service.metrics.refusals).toEqual([{ protocol: 'stream', code: 'reader_too_slow' }]);
    expect(service.metrics.closedStreams).toEqual([{ protocol: 'stream', reason: 'error', audioMs: expect.any(Number) }]);
    expect(service.metrics.utterances.length).toBeLessThan(40);
    client.socket.resume();
    expect((await client.closed).code).toBe(1006);
  });
});

describe('a client that goes', () => {
  it.each([
    ['without a goodbye', (client: StreamClient) => client.vanish()],
    ['with a goodbye, but without finish', (client: StreamClient) => client.socket.close(1000)],
  ])('%s takes its rows with it', async (_, go) => {
    const { connect, service, streams } = await testStreams(heldEngine());
    const client = await connect();
    await client.start({ endpointing: QUICK });
    sendUtterances(client, 3);
    await eventually(() => service.engine.rowsInFlight === 3);
    go(client);
    await eventually(() => service.engine.rowsInFlight === 0 && streams.openStreams === 0);
    expect(service.metrics.closedStreams).toEqual([{ protocol: 'stream', reason: 'gone', audioMs: 3_072 }]);
    expect(service.metrics.refusals).toEqual([]);
  });

  it('while it finishes takes its rows with it', async () => {
    const { connect, service, streams } = await testStreams(heldEngine());
    const client = await connect();
    await client.start();
    client.sendAudio(speech(1));
    client.send({ type: 'finish' });
    await eventually(() => service.engine.rowsInFlight === 1);
    client.vanish();
    await eventually(() => service.engine.rowsInFlight === 0 && streams.openStreams === 0);
    expect(service.metrics.closedStreams).toEqual([{ protocol: 'stream', reason: 'gone', audioMs: 1_000 }]);
  });

  it('unseen is found out by two pings without an answer', async () => {
    const { connect, service, streams, time } = await testStreams({ ...heldEngine(), configuration: { pingSeconds: 15 } });
    const silent = await connect({ answersPings: false });
    await silent.start();
    silent.sendAudio(speech(1));
    silent.send({ type: 'flush' });
    await eventually(() => service.engine.rowsInFlight === 1);
    const living = await connect();
    await living.start();
    for (let beats = 0; beats < 6; beats += 1) {
      const pinged = new Promise((resolve) => living.socket.once('ping', resolve));
      time.advance(15_000);
      await pinged;
      await living.wasRead(); // its pong was on the way before
    }
    expect((await silent.closed).code).toBe(1006);
    await eventually(() => service.engine.rowsInFlight === 0 && streams.openStreams === 1);
    living.send({ type: 'finish' });
    expect((await living.closed).code).toBe(1000);
  });
});

describe('a thousand clients at once', () => {
  it('are served or refused, and leave room for others', async () => {
    const { attempt, connect, streams, service } = await testStreams({
      configuration: { maxStreams: 200, maxStreamsPerKey: 200, ratePerMinute: 1_000_000 },
    });
    const attempts = await Promise.all(Array.from({ length: 1_000 }, () => attempt()));
    const clients = attempts.filter((opened) => opened instanceof StreamClient);
    const refused = attempts.flatMap((opened) => (opened instanceof StreamClient ? [] : [opened]));
    expect(clients).toHaveLength(200);
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]));

    const closed = await Promise.all(
      clients.map(async (client) => {
        await client.start();
        client.sendAudio(speech(0.5));
        return client.finish();
      }),
    );
    expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([1000]));
    expect(new Set(clients.map(({ text }) => text))).toEqual(new Set(['es 8000']));
    await eventually(() => streams.openStreams === 0);
    expect(service.metrics.open.streams).toBe(0);
    await Promise.all(Array.from({ length: 200 }, () => connect()));
  });
});

/** Bytes that still wait when no more go out. */
async function unsentInTheEnd({ socket }: StreamClient): Promise<number> {
  let unsent = socket.bufferedAmount;
  for (let alike = 0; alike < 50 && unsent > 0; alike += 1) {
    await sleep(2);
    if (socket.bufferedAmount !== unsent) alike = 0;
    unsent = socket.bufferedAmount;
  }
  return unsent;
}
