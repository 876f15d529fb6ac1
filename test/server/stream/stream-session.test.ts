import { describe, expect, it } from 'vitest';
import type { ServerMessage } from '../../../server/protocol/stream-messages.ts';
import { sampleAdapter } from '../../adapters/sample-adapters.ts';
import { START, type StreamClient } from '../../support/stream-client.ts';
import { eventually, heldEngine, silence, speech, testStreams } from './serve-streams.ts';

const fatal = (code: string, param: string | null = null) =>
  expect.objectContaining({ type: 'error', code, param, fatal: true, channel: null, start: null, end: null });

describe('a stream', () => {
  it('says how it was started, when somebody speaks, what was said, and that it is over', async () => {
    const { connect, service } = await testStreams({ hear: () => 'un sombrero' });
    const client = await connect();
    await client.start({ endpointing: { silence_ms: 200, prefix_ms: 0 } });
    for (const audio of [silence(1.024), speech(0.512), silence(0.512)]) client.sendAudio(audio);
    expect(await client.finish()).toEqual({
      code: 1000,
      reason: '',
      messages: [
        {
          ...START,
          type: 'ready',
          stream_id: expect.stringMatching(/^[\da-f-]{36}$/),
          model: 'whisper-mini',
          languages: null,
          channels: 1,
          adapter: null,
          task: 'transcribe',
          words: false,
          partials: false,
          endpointing: { silence_ms: 200, prefix_ms: 0, threshold: 0.5 },
          session: null,
          resume_window: null,
        },
        { type: 'speech_started', channel: 0, start: 1.024 },
        {
          type: 'final',
          sequence: 0,
          channel: 0,
          text: 'un sombrero',
          start: 1.024,
          end: 1.536,
          language: 'es',
          confidence: expect.closeTo(Math.exp(-0.25)),
          adapter: null,
          ended_by: 'pause',
          timings: { wait_ms: 0, encode_ms: 5, decode_ms: 4, total_ms: 0 },
        },
        { type: 'closed', reason: 'finish', audio: 2.048, finals: 1 },
      ],
    });
    expect(service.metrics.utterances).toEqual([
      expect.objectContaining({ protocol: 'stream', language: 'es', audioMs: 512, endToFinalMs: 0 }),
    ]);
  });

  it('recognises each channel by itself', async () => {
    const { connect } = await testStreams();
    const client = await connect();
    await client.start({ channels: 2 });
    const left = speech(1);
    const right = silence(1);
    client.sendAudio(Int16Array.from({ length: 32_000 }, (_, index) => (index % 2 === 0 ? left : right)[index >> 1] as number));
    await client.finish();
    expect(client.finals.map(({ channel }) => channel)).toEqual([0]);
  });

  it('ends utterances where it is told to', async () => {
    const { connect } = await testStreams();
    const client = await connect();
    expect(await client.start({ endpointing: false })).toMatchObject({ endpointing: false });
    client.send({ type: 'flush' });
    client.sendAudio(silence(1));
    client.send({ type: 'flush' });
    client.send({ type: 'flush' });
    client.sendAudio(silence(0.5));
    client.sendAudio(new Uint8Array(0));
    await client.finish();
    expect(client.finals.map(({ sequence, start, end, ended_by }) => [sequence, start, end, ended_by])).toEqual([
      [0, 0, 1, 'flush'],
      [1, 1, 1.5, 'finish'],
    ]);
  });

  it('names the adapter that the language gets, and the one that decoded', async () => {
    const adapter = sampleAdapter();
    const { connect } = await testStreams({ adapters: [adapter] });
    const description = { name: adapter.manifest.name, version: adapter.manifest.version, digest: adapter.digest };
    const adapted = await connect();
    expect(await adapted.start({ language: 'es-MX' })).toMatchObject({ adapter: description, language: 'es-MX' });
    adapted.sendAudio(speech(1));
    await adapted.finish();
    expect(adapted.finals).toEqual([expect.objectContaining({ adapter: description, language: 'es-MX' })]);
    const plain = await connect();
    expect(await plain.start({ adapter: null })).toMatchObject({ adapter: null });
    const named = await connect();
    expect(await named.start({ language: 'fr', model: adapter.id })).toMatchObject({ adapter: description });
  });

  it('goes on after an utterance that failed, and says which', async () => {
    let heard = 0;
    const { connect, service } = await testStreams({
      hear: () => {
        heard += 1;
        if (heard === 1) throw new TypeError('secret');
        return 'words';
      },
    });
    const client = await connect();
    await client.start({ endpointing: { silence_ms: 200, prefix_ms: 0 } });
    for (const audio of [speech(0.512), silence(0.512), speech(0.512)]) client.sendAudio(audio);
    const { code } = await client.finish();
    expect(client.errors).toEqual([
      expect.objectContaining({
        code: 'internal',
        sequence: 0,
        fatal: false,
        retryable: true,
        channel: 0,
        start: 0,
        end: 0.512,
      }),
    ]);
    expect(client.finals).toEqual([expect.objectContaining({ sequence: 1, text: 'words', start: 1.024 })]);
    expect(client.messages.at(-1)).toEqual({ type: 'closed', reason: 'finish', audio: 1.536, finals: 1 });
    expect(code).toBe(1000);
    expect(service.metrics.refusals).toEqual([{ protocol: 'stream', code: 'internal' }]);
    expect(service.logged).toContainEqual(expect.objectContaining({ level: 50, msg: 'stream failed', code: 'internal' }));
  });

  it('is logged with what it was, and without its words', async () => {
    const { connect, service, streams } = await testStreams({ hear: () => 'hush' });
    const client = await connect();
    const { stream_id: streamId } = await client.start();
    client.sendAudio(speech(1));
    await client.finish();
    await eventually(() => streams.openStreams === 0);
    const settings = {
      streamId,
      client: 'anonymous',
      language: 'es',
      encoding: 'pcm_s16le',
      sampleRateHz: 16_000,
      channels: 1,
    };
    expect(service.logged).toEqual([
      expect.objectContaining({ ...settings, msg: 'stream opened' }),
      expect.objectContaining({ ...settings, msg: 'stream closed', audioMs: 1_000, finals: 1, reason: 'finish' }),
    ]);
    expect(JSON.stringify(service.logged)).not.toContain('hush');
    expect(service.metrics.closedStreams).toEqual([{ protocol: 'stream', reason: 'finish', audioMs: 1_000 }]);
    expect(service.metrics.open.streams).toBe(0);
  });
});

type Deed = (client: StreamClient) => unknown;
const text = (message: unknown) => (client: StreamClient) =>
  client.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
const audio = (client: StreamClient) => client.sendAudio(speech(0.1));
const started =
  (deed: Deed, changes = {}): Deed =>
  async (client) => {
    await client.start(changes);
    await deed(client);
  };

const WRONG: readonly [what: string, deed: Deed, code: string, closeCode: number, param?: string][] = [
  ['audio before start', audio, 'start_missing', 4400],
  ['flush before start', text({ type: 'flush' }), 'start_missing', 4400],
  ['finish before start', text({ type: 'finish' }), 'start_missing', 4400],
  ['no JSON', text('start'), 'message_invalid', 4400],
  ['no object', text([]), 'message_invalid', 4400],
  ['an unknown type', text({ type: 'Finalize' }), 'message_invalid', 4400, 'type'],
  ['a field that is wrong', text({ ...START, sample_rate: 1 }), 'message_invalid', 4400, 'sample_rate'],
  ['an unknown field', text({ ...START, diarize: true }), 'message_invalid', 4400, 'diarize'],
  ['an unknown language', text({ ...START, language: 'tlh' }), 'language_unknown', 4400, 'language'],
  ['no language tag', text({ ...START, language: '!' }), 'language_unknown', 4400, 'language'],
  ['an unknown model', text({ ...START, model: 'whisper-huge' }), 'model_not_found', 4400, 'model'],
  ['an unknown adapter', text({ ...START, adapter: 'nobody' }), 'adapter_not_found', 4400, 'adapter'],
  ['a second start', started(text(START)), 'start_repeated', 4400],
  ['an unknown message later', started(text({ type: 'Finalize' })), 'message_invalid', 4400, 'type'],
  ['half a sample', started((client) => client.sendAudio(new Uint8Array(3))), 'audio_malformed', 4400],
  [
    'half a frame of channels',
    started((client) => client.sendAudio(new Int16Array(3)), { channels: 2 }),
    'audio_malformed',
    4400,
  ],
  [
    'a sample that is no number',
    started((client) => client.sendAudio(Float32Array.of(0, Number.NaN)), { encoding: 'pcm_f32le' }),
    'audio_not_finite',
    4400,
  ],
  ['a message that is too large', (client) => client.sendAudio(new Uint8Array(100_001)), 'message_too_large', 1009],
  ['text that is not UTF-8', (client) => client.socket.send(Buffer.from([0xff]), { binary: false }), 'message_invalid', 1007],
];

describe('a client that sends', () => {
  it.each<(typeof WRONG)[number]>(WRONG)('%s is told so, and nobody else notices', async (_, deed, code, closeCode, param) => {
    const { connect, service, streams } = await testStreams({ configuration: { maxFrameBytes: 100_000 } });
    const neighbour = await connect();
    await neighbour.start();
    neighbour.sendAudio(speech(0.5));
    const client = await connect();
    await deed(client);
    const closed = await client.closed;
    neighbour.sendAudio(speech(0.5));
    const others = await neighbour.finish();
    await eventually(() => streams.openStreams === 0);

    expect(closed.code).toBe(closeCode);
    expect(closed.messages.slice(-2)).toEqual([fatal(code, param), { type: 'closed', reason: 'error', audio: 0, finals: 0 }]);
    expect(others.code).toBe(1000);
    expect(neighbour.text).toBe('es 16000');
    expect(service.metrics.refusals).toEqual([{ protocol: 'stream', code }]);
    expect(service.metrics.closedStreams.map(({ reason }) => reason)).toEqual(['error', 'finish']);
  });

  it('frames that are none of RFC 6455 is told so', async () => {
    const { connect } = await testStreams();
    const client = await connect();
    await client.start();
    client.sendAudio(speech(1));
    // a frame with reserved bits
    (client.socket as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket.write(
      Uint8Array.of(0xf2, 0x80, 0, 0, 0, 0),
    );
    const { code, messages } = await client.closed;
    expect(code).toBe(1002);
    expect(client.text).toBe('es 16000');
    expect(messages.at(-2)).toEqual(fatal('message_invalid'));
  });

  it('something wrong gets the words of what it sent before, and nothing of what it sends after', async () => {
    const engine = heldEngine();
    const { connect } = await testStreams(engine);
    const client = await connect();
    await client.start();
    client.sendAudio(speech(1));
    client.sendAudio(new Uint8Array(3));
    client.sendAudio(speech(1));
    client.socket.send('not JSON');
    await client.wasRead();
    expect(client.errors).toEqual([]);
    engine.letGo();
    const { code, messages } = await client.closed;
    expect(code).toBe(4400);
    expect(messages.slice(1).map(summary)).toEqual(['speech_started', 'final words', 'error audio_malformed', 'closed error']);
    expect(messages.at(-1)).toMatchObject({ audio: 1, finals: 1 });
  });

  it.each([
    ['audio', audio, 'audio_after_finish'],
    ['flush', text({ type: 'flush' }), 'audio_after_finish'],
    ['finish', text({ type: 'finish' }), 'audio_after_finish'],
    ['start', text(START), 'start_repeated'],
    ['no JSON', text('x'), 'message_invalid'],
  ] as const)('%s after finish gets its words, and is told so', async (_, deed, code) => {
    const engine = heldEngine();
    const { connect } = await testStreams(engine);
    const client = await connect();
    await client.start();
    client.sendAudio(speech(1));
    client.send({ type: 'finish' });
    deed(client);
    await client.wasRead();
    engine.letGo();
    const closed = await client.closed;
    expect(closed.code).toBe(4400);
    expect(closed.messages.slice(1).map(summary)).toEqual(['speech_started', 'final words', `error ${code}`, 'closed error']);
  });
});

describe('a stream ends by itself', () => {
  it('when no start comes in time', async () => {
    const { connect, time } = await testStreams({ configuration: { startTimeoutSeconds: 10 } });
    const client = await connect();
    time.advance(9_999);
    await client.wasRead();
    expect(client.messages).toEqual([]);
    time.advance(1);
    const { code, messages } = await client.closed;
    expect(code).toBe(4408);
    expect(messages).toEqual([fatal('start_timeout'), { type: 'closed', reason: 'error', audio: 0, finals: 0 }]);
  });

  it('when nothing comes for too long, after the words of what came', async () => {
    const { connect, time } = await testStreams({ configuration: { streamIdleSeconds: 20, startTimeoutSeconds: 1 } });
    const client = await connect();
    await client.start();
    for (let times = 0; times < 3; times += 1) {
      time.advance(19_000);
      client.sendAudio(speech(0.5));
      await client.wasRead(); // neither a ping nor its pong puts it off
    }
    time.advance(20_000);
    const { code, messages } = await client.closed;
    expect(code).toBe(4408);
    expect(client.text).toBe('es 24000');
    expect(messages.slice(-2)).toEqual([fatal('stream_idle'), { type: 'closed', reason: 'error', audio: 1.5, finals: 1 }]);
  });

  it('when it becomes too long, after the words of what was accepted', async () => {
    const { connect } = await testStreams({ configuration: { maxStreamSeconds: 2 } });
    const client = await connect();
    await client.start();
    client.sendAudio(speech(1));
    client.sendAudio(speech(1));
    client.sendAudio(speech(0.1));
    const { code, messages } = await client.closed;
    expect(code).toBe(4408);
    expect(client.text).toBe('es 32000');
    expect(messages.slice(-2)).toEqual([fatal('stream_too_long'), { type: 'closed', reason: 'error', audio: 2, finals: 1 }]);
  });

  it('when the voice detector is lost, and says what it has not heard', async () => {
    const { connect, service } = await testStreams();
    const client = await connect();
    await client.start();
    const state = service.state();
    if (state.kind !== 'ready') throw new Error('The service is not ready.');
    (state.recogniser.voice as unknown as { fail(): void }).fail();
    client.sendAudio(speech(1));
    await client.until('error');
    client.sendAudio(speech(1));
    const { code } = await client.closed;
    expect(code).toBe(1011);
    expect(client.errors).toEqual([
      expect.objectContaining({ code: 'engine_failed', fatal: false, channel: 0, start: 0, end: 1 }),
      fatal('engine_failed'),
    ]);
  });
});

function summary(message: ServerMessage): string {
  const { type } = message;
  if (type === 'final') return `final ${message.text}`;
  if (type === 'error') return `error ${message.code}`;
  return type === 'closed' ? `closed ${message.reason}` : type;
}
