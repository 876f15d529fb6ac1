import { describe, expect, it } from 'vitest';
import { StreamClient } from '../../support/stream-client.ts';
import { eventually, heldEngine, speech, testStreams } from './serve-streams.ts';

describe('a drain', () => {
  it('answers what was accepted, and takes nothing new', async () => {
    const engine = heldEngine();
    const { connect, attempt, streams } = await testStreams(engine);
    const client = await connect();
    await client.start();
    client.sendAudio(speech(1));
    await client.wasRead();
    const drained = streams.drain();
    client.sendAudio(speech(1));
    client.send({ type: 'finish' });
    await client.wasRead();
    const refused = await attempt();
    expect(refused).not.toBeInstanceOf(StreamClient);
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'draining' } }, headers: { 'retry-after': '1' } });
    engine.letGo();
    const { code, messages } = await client.closed;
    expect(code).toBe(1001);
    expect(messages.slice(-2)).toEqual([
      expect.objectContaining({ type: 'final', text: 'words', end: 1 }),
      { type: 'closed', reason: 'drain', audio: 1, finals: 1 },
    ]);
    expect(client.errors).toEqual([]);
    await drained;
    expect(streams.openStreams).toBe(0);
  });

  it('keeps the word given to who has sent finish, and ends who has not started', async () => {
    const engine = heldEngine();
    const { connect, streams } = await testStreams(engine);
    const finishing = await connect();
    await finishing.start();
    finishing.sendAudio(speech(1));
    finishing.send({ type: 'finish' });
    await finishing.wasRead();
    const waiting = await connect();
    const drained = streams.drain();
    expect(await waiting.closed).toEqual({
      code: 1001,
      reason: '',
      messages: [{ type: 'closed', reason: 'drain', audio: 0, finals: 0 }],
    });
    engine.letGo();
    expect((await finishing.closed).code).toBe(1000);
    expect(finishing.messages.at(-1)).toMatchObject({ type: 'closed', reason: 'finish', finals: 1 });
    await drained;
  });

  it('is over at once where nothing is open', async () => {
    const { streams } = await testStreams();
    await expect(streams.drain()).resolves.toBeUndefined();
  });

  it('tells who waits longer than there is time what is lost, and closes', async () => {
    const { connect, streams, service, time } = await testStreams(heldEngine());
    const client = await connect();
    await client.start();
    client.sendAudio(speech(1));
    await client.wasRead();
    const drained = streams.drain();
    await eventually(() => service.engine.rowsInFlight === 1);
    streams.closeAll();
    const { code, messages } = await client.closed;
    expect(code).toBe(1001);
    expect(messages.slice(-2)).toEqual([
      expect.objectContaining({
        type: 'error',
        code: 'draining',
        fatal: true,
        retryable: true,
        channel: null,
        start: 0,
        end: 1,
      }),
      { type: 'closed', reason: 'error', audio: 1, finals: 0 },
    ]);
    await drained;
    expect(service.engine.rowsInFlight).toBe(0);
    time.advance(1_000);
  });

  it('does not wait for who does not answer its goodbye', async () => {
    const { connect, streams, time } = await testStreams();
    const client = await connect();
    await client.start();
    client.socket.pause(); // it reads no close frame, and so answers none
    const drained = streams.drain();
    streams.closeAll();
    time.advance(1_000);
    await drained;
    expect(streams.openStreams).toBe(0);
  });
});
