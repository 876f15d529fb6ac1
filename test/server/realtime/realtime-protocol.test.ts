import { describe, expect, it } from 'vitest';
import type { Refused } from '../../support/web-socket-client.ts';
import { eventually, heldEngine } from '../stream/serve-streams.ts';
import { RealtimeClient } from './realtime-client.ts';
import { realtimeServer, silence, speech } from './serve-realtime.ts';

const KEYED = { configuration: { apiKeys: [{ name: 'page', key: 'secret-key' }] } };
const MANUAL = { transcription: { language: 'es' }, turn_detection: null };

function refusedOf(opened: RealtimeClient | Refused): { status: number; code: unknown; param: unknown } {
  if (opened instanceof RealtimeClient) throw new Error('It was opened.');
  const { error } = opened.body as { readonly error: { readonly code: unknown; readonly param: unknown } };
  return { status: opened.status, code: error.code, param: error.param };
}

describe('a handshake', () => {
  it('shows its key in a header, or as browsers can, and never gets it back', async () => {
    const { attempt, connect } = await realtimeServer(KEYED);
    expect(refusedOf(await attempt())).toMatchObject({ status: 401, code: 'key_missing' });
    const wrong = { subprotocols: ['realtime', 'openai-insecure-api-key.other'] };
    expect(refusedOf(await attempt(wrong))).toMatchObject({ status: 401, code: 'key_unknown' });
    const program = await connect({ headers: { authorization: 'Bearer secret-key' } });
    expect(program.socket.protocol).toBe('');
    const page = await connect({ subprotocols: ['realtime', 'openai-insecure-api-key.secret-key', 'openai-beta.realtime-v1'] });
    expect(page.socket.protocol).toBe('realtime');
  });

  it('names a model that transcribes, one that answers, or none', async () => {
    const { attempt, connect, service } = await realtimeServer();
    const modelOf = async (query: string) => {
      const client = await connect({ query });
      return (await client.until('session.created')).session.audio.input.transcription.model;
    };
    expect(await modelOf('intent=transcription')).toBeUndefined();
    expect(await modelOf('model=gpt-realtime')).toBeUndefined();
    expect(await modelOf('model=gpt-4o-mini-realtime-preview')).toBeUndefined();
    expect(await modelOf('model=gpt-realtime-whisper')).toBe('gpt-realtime-whisper');
    expect(await modelOf('model=gpt-4o-transcribe')).toBe('gpt-4o-transcribe');
    expect(refusedOf(await attempt({ query: 'model=gpt-6' }))).toEqual({
      status: 404,
      code: 'model_not_found',
      param: 'model',
    });
    expect(refusedOf(await attempt({ query: 'call_id=rtc_1' }))).toMatchObject({ status: 400, param: 'call_id' });
    expect(service.metrics.refusals).toEqual([
      { protocol: 'realtime', code: 'model_not_found' },
      { protocol: 'realtime', code: 'request_invalid' },
    ]);
  });

  it('waits until the model is there', async () => {
    const { attempt, service } = await realtimeServer();
    service.become({ kind: 'starting', waitingFor: 'the weights' });
    expect(refusedOf(await attempt())).toMatchObject({ status: 503, code: 'starting' });
  });
});

describe('a session', () => {
  it('takes a long append, as fast as it can be recognised, and lets others have their turn', async () => {
    const { connect, service } = await realtimeServer({ hear: () => 'words', configuration: { streamBufferSeconds: 5 } });
    const client = await connect();
    await client.update(MANUAL);
    client.append(speech(60));
    client.commit();
    const other = await connect();
    await other.update(MANUAL);
    await client.completed(1);
    const { usage } = await client.until('conversation.item.input_audio_transcription.completed');
    expect(usage.seconds).toBe(60);
    expect(client.all('error')).toEqual([]);
    expect(Math.max(...service.engine.requests.map(({ samples }) => samples.length))).toBeLessThanOrEqual(480_000);
    const frame = Buffer.alloc(21 * 2 ** 20, 0x20);
    client.socket.send(frame, { binary: false });
    expect((await client.closed).code).toBe(1009);
    expect(client.all('error').map(({ error }) => error.code)).toEqual(['message_too_large']);
  });

  it('is not read from while too much of its audio waits', async () => {
    const { hear, letGo } = heldWords();
    const { connect } = await realtimeServer({ hear, configuration: { streamBufferSeconds: 2 } });
    const client = await connect();
    await client.update(MANUAL);
    for (let turn = 0; turn < 8; turn += 1) {
      client.append(speech(1));
      client.commit();
    }
    await client.until('input_audio_buffer.committed', 2);
    expect(client.all('input_audio_buffer.committed').length).toBeLessThan(8);
    letGo();
    await client.completed(8);
    expect(client.all('error')).toEqual([]);
  });

  it('that drains answers what it has accepted, and closes', async () => {
    const { hear, letGo } = heldWords();
    const { connect, streams, service } = await realtimeServer({ hear });
    const client = await connect();
    await client.update(MANUAL);
    client.append(speech(1));
    await client.carriedOut();
    const drained = streams.drain();
    letGo();
    expect((await client.closed).code).toBe(1001);
    await drained;
    expect(client.transcripts).toEqual(['words']);
    expect(client.all('error')).toEqual([]);
    expect(service.metrics.closedStreams).toEqual([{ protocol: 'realtime', reason: 'drain', audioMs: 1_000 }]);
  });

  it('that must end at once says so', async () => {
    const { hear } = heldWords();
    const { connect, streams } = await realtimeServer({ hear });
    const client = await connect();
    await client.update(MANUAL);
    client.append(speech(1));
    client.commit();
    await client.until('input_audio_buffer.committed');
    streams.closeAll();
    expect((await client.closed).code).toBe(1001);
    expect(client.all('error').map(({ error }) => error.code)).toEqual(['draining']);
  });

  it('that says nothing for long, or too much, is closed', async () => {
    const { connect, time } = await realtimeServer({ configuration: { streamIdleSeconds: 20, maxStreamSeconds: 2 } });
    const idle = await connect();
    await idle.carriedOut();
    // pongs in between, so that it is not taken for dead
    for (let beat = 0; beat < 2; beat += 1) {
      const ponged = new Promise((resolve) => idle.socket.once('ping', resolve));
      time.advance(15_000);
      await Promise.race([ponged, idle.closed]);
    }
    expect((await idle.closed).code).toBe(4408);
    expect(idle.all('error').map(({ error }) => error.code)).toEqual(['stream_idle']);
    const long = await connect();
    await long.update(MANUAL);
    for (const audio of [speech(1), silence(1), silence(0.1)]) long.append(audio);
    expect((await long.closed).code).toBe(4408);
    expect(long.all('error').map(({ error }) => error.code)).toEqual(['stream_too_long']);
    expect(long.all('conversation.item.input_audio_transcription.completed')[0]?.usage.seconds).toBe(2);
  });

  it('cancels what it has asked for when its client goes', async () => {
    const { hear } = heldWords();
    const { connect, streams, service } = await realtimeServer({ hear });
    const client = await connect();
    await client.update(MANUAL);
    client.append(speech(1));
    client.commit();
    await client.until('input_audio_buffer.committed');
    await eventually(() => service.engine.rowsInFlight > 0);
    client.socket.close();
    await eventually(() => streams.openStreams === 0);
    await eventually(() => service.engine.rowsInFlight === 0);
    expect(service.metrics.closedStreams).toEqual([expect.objectContaining({ reason: 'gone', audioMs: 1_000 })]);
  });

  it('is logged with what it was, and without its words or its prompt', async () => {
    const { connect, streams, service } = await realtimeServer({ hear: () => 'hush' });
    const client = await connect();
    await client.update({ ...MANUAL, transcription: { language: 'es', prompt: 'whisper it' } });
    client.append(speech(1));
    client.commit();
    await client.completed(1);
    client.socket.close();
    await eventually(() => streams.openStreams === 0);
    const messages = service.logged.map(({ msg }) => msg);
    expect(messages).toEqual(expect.arrayContaining(['stream opened', 'stream closed']));
    expect(service.logged.find(({ msg }) => msg === 'stream closed')).toMatchObject({
      client: 'anonymous',
      format: 'audio/pcm',
      language: 'es',
      turnDetection: null,
      reason: 'gone',
      finals: 1,
    });
    expect(JSON.stringify(service.logged)).not.toMatch(/hush|whisper it/);
  });

  it('ends where the voice detector fails, after what it has heard', async () => {
    const { connect, service } = await realtimeServer();
    const client = await connect();
    await client.update({ transcription: { language: 'es' } });
    client.append(speech(0.5));
    await client.until('input_audio_buffer.speech_started');
    const recogniser = service.recogniser();
    if (!('fail' in recogniser.voice)) throw new Error('not the detector of the tests');
    (recogniser.voice as { fail(): void }).fail();
    client.append(speech(0.5));
    await client.until('conversation.item.input_audio_transcription.failed');
    client.append(speech(0.5));
    expect((await client.closed).code).toBe(1011);
    expect(client.all('error').map(({ error }) => error.code)).toEqual(['engine_failed']);
  });
});

function heldWords(): { readonly hear: () => Promise<string>; readonly letGo: () => void } {
  const held = heldEngine();
  return { hear: () => held.hear(), letGo: () => held.letGo() };
}
