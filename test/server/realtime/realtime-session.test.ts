import { describe, expect, it } from 'vitest';
import type { RecognitionRequest } from '../../../asr/engine/recognition.ts';
import type { ServerEventType } from '../../../server/realtime/server-events.ts';
import { eventually, heldEngine } from '../stream/serve-streams.ts';
import { realtimeServer, silence, speech } from './serve-realtime.ts';

const SPANISH = { transcription: { language: 'es' } };
const MANUAL = { ...SPANISH, turn_detection: null };
/** so that turns end where the test's speech ends */
const PROMPT_VAD = { type: 'server_vad', silence_duration_ms: 200, prefix_padding_ms: 0 } as const;

/** The language of an utterance, and its tenths of a second: the last milliseconds are still being resampled. */
const heardTenths = ({ language, samples }: RecognitionRequest) => `${language} ${Math.round(samples.length / 1_600)}`;

const COMMITTED: readonly ServerEventType[] = [
  'input_audio_buffer.committed',
  'conversation.item.added',
  'conversation.item.done',
];
const WORDS: readonly ServerEventType[] = [
  'conversation.item.input_audio_transcription.delta',
  'conversation.item.input_audio_transcription.completed',
];

describe('a realtime session with turns by voice', () => {
  it('says when somebody speaks, when it was committed, and what was said', async () => {
    const { connect, service } = await realtimeServer({ hear: () => 'un sombrero' });
    const client = await connect();
    await client.update({ ...SPANISH, turn_detection: PROMPT_VAD });
    for (const audio of [silence(1.024), speech(0.512), silence(0.512)]) client.append(audio);
    await client.completed(1);
    const item_id = client.events[2]?.type === 'input_audio_buffer.speech_started' ? client.events[2].item_id : '';
    expect(item_id).toMatch(/^item_[\da-f]{32}$/);
    const item = { id: item_id, object: 'realtime.item', type: 'message', status: 'completed', role: 'user' };
    expect(client.types.slice(0, 2)).toEqual(['session.created', 'session.updated']);
    const [started, stopped, ...rest] = client.events.slice(2);
    expect([started, stopped]).toEqual([
      { type: 'input_audio_buffer.speech_started', item_id, audio_start_ms: expect.any(Number) },
      { type: 'input_audio_buffer.speech_stopped', item_id, audio_end_ms: expect.any(Number) },
    ]);
    expect(started).toMatchObject({ audio_start_ms: 1_024 });
    expect(rest).toEqual([
      { type: 'input_audio_buffer.committed', item_id, previous_item_id: null },
      { type: 'conversation.item.added', previous_item_id: null, item: { ...item, content: [{ type: 'input_audio' }] } },
      { type: 'conversation.item.done', previous_item_id: null, item: { ...item, content: [{ type: 'input_audio' }] } },
      { type: 'conversation.item.input_audio_transcription.delta', item_id, content_index: 0, delta: 'un sombrero' },
      {
        type: 'conversation.item.input_audio_transcription.completed',
        item_id,
        content_index: 0,
        transcript: 'un sombrero',
        usage: { type: 'duration', seconds: expect.closeTo(0.512, 1) },
        languages: [{ code: 'es' }],
        adapters: [null],
      },
    ]);
    expect(service.metrics.utterances).toEqual([expect.objectContaining({ protocol: 'realtime', language: 'es' })]);
  });

  it('has its items one behind the other', async () => {
    const { connect } = await realtimeServer();
    const client = await connect();
    await client.update({ ...SPANISH, turn_detection: PROMPT_VAD });
    for (let turn = 0; turn < 3; turn += 1) {
      client.append(speech(0.512));
      client.append(silence(0.512));
    }
    await client.completed(3);
    const committed = client.all('input_audio_buffer.committed');
    expect(committed.map(({ previous_item_id: previous }) => previous)).toEqual([
      null,
      ...committed.slice(0, 2).map(({ item_id: id }) => id),
    ]);
    const starts = client.all('input_audio_buffer.speech_started').map(({ audio_start_ms: ms }) => ms);
    expect(starts).toEqual([0, 1_024, 2_048]);
  });

  it('goes on after a commit by the client, in its speech and right behind a pause', async () => {
    const { connect } = await realtimeServer();
    const client = await connect();
    await client.update({ ...SPANISH, turn_detection: PROMPT_VAD });
    client.append(speech(0.512));
    client.commit();
    await client.completed(1);
    expect(client.types.slice(2)).toEqual(['input_audio_buffer.speech_started', ...COMMITTED, ...WORDS]);
    client.append(speech(0.512));
    client.append(silence(0.28));
    client.commit('too little');
    await client.completed(2);
    await client.carriedOut();
    expect(client.all('error')).toEqual([
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          code: 'input_audio_buffer_commit_empty',
          message: expect.stringContaining('100 ms'),
          param: null,
          event_id: 'too little',
        },
      },
    ]);
    client.append(speech(0.512));
    client.commit();
    await client.completed(3);
    expect(client.all('input_audio_buffer.committed')).toHaveLength(3);
  });

  it('has an item of silence where only silence is committed', async () => {
    const { connect, service } = await realtimeServer();
    const client = await connect();
    client.append(silence(1));
    client.commit();
    await client.completed(1);
    expect(client.types.slice(1)).toEqual([...COMMITTED, WORDS[1]]);
    expect(client.transcripts).toEqual(['']);
    expect(service.engine.requests).toEqual([]);
  });

  it('forgets what is cleared, and hears what comes behind it', async () => {
    const { connect } = await realtimeServer();
    const client = await connect();
    await client.update({ ...SPANISH, turn_detection: PROMPT_VAD });
    client.append(speech(0.512));
    await client.until('input_audio_buffer.speech_started');
    client.send({ type: 'input_audio_buffer.clear' });
    client.append(silence(0.512));
    client.append(speech(0.512));
    client.append(silence(0.512));
    await client.completed(1);
    expect(client.types.slice(2)).toEqual([
      'input_audio_buffer.speech_started',
      'input_audio_buffer.cleared',
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      ...COMMITTED,
      ...WORDS,
    ]);
    expect(client.all('input_audio_buffer.speech_started')[1]).toMatchObject({ audio_start_ms: 1_024 });
  });

  it('still says the words of what was committed before a clear', async () => {
    const held = heldEngine('dos');
    const { connect } = await realtimeServer({ hear: held.hear });
    const client = await connect();
    await client.update(MANUAL);
    client.append(speech(1));
    client.commit();
    client.append(speech(2));
    client.send({ type: 'input_audio_buffer.clear' });
    await client.until('input_audio_buffer.cleared');
    held.letGo();
    await client.completed(1);
    client.append(speech(0.5));
    client.commit();
    await client.completed(2);
    expect(client.all('conversation.item.input_audio_transcription.completed').map(({ usage }) => usage.seconds)).toEqual([
      1, 0.5,
    ]);
  });

  it('tells an utterance that failed, and goes on', async () => {
    let heard = 0;
    const { connect, service } = await realtimeServer({
      hear: ({ deferrable }) => {
        if (deferrable) return '';
        heard += 1;
        if (heard === 1) throw new TypeError('secret');
        return 'words';
      },
    });
    const client = await connect();
    await client.update({ ...SPANISH, turn_detection: PROMPT_VAD });
    for (const audio of [speech(0.512), silence(0.512), speech(0.512), silence(0.512)]) client.append(audio);
    await client.completed(1);
    expect(client.all('conversation.item.input_audio_transcription.failed')).toEqual([
      expect.objectContaining({
        item_id: client.all('input_audio_buffer.committed')[0]?.item_id,
        error: { type: 'server_error', code: 'internal', message: expect.not.stringContaining('secret') },
      }),
    ]);
    expect(client.transcripts).toEqual(['words']);
    expect(service.metrics.refusals).toEqual([{ protocol: 'realtime', code: 'internal' }]);
  });
});

describe('a realtime session without turn detection', () => {
  it('has one item for each commit, however long', async () => {
    const { connect } = await realtimeServer({ hear: ({ samples }) => `${Math.round(samples.length / 16_000)}` });
    const client = await connect();
    expect(await client.update(MANUAL)).toMatchObject({ audio: { input: { turn_detection: null } } });
    for (let second = 0; second < 70; second += 1) client.append(silence(1));
    client.commit();
    await client.completed(1);
    client.append(silence(0.1));
    client.commit();
    await client.completed(2);
    const [long, short] = client.all('conversation.item.input_audio_transcription.completed');
    expect(long?.usage.seconds).toBe(70);
    expect(long?.transcript.split(' ').reduce((sum, seconds) => sum + Number(seconds), 0)).toBe(70);
    expect(client.deltasOf(long?.item_id ?? '')).toBe(long?.transcript);
    expect(short).toMatchObject({ transcript: '0', usage: { seconds: 0.1 } });
    expect(client.types).not.toContain('input_audio_buffer.speech_started');
  });

  it('refuses a commit of less than 100 ms, and keeps what there is', async () => {
    const { connect } = await realtimeServer();
    const client = await connect();
    await client.update(MANUAL);
    client.commit();
    client.append(silence(0.05));
    client.commit();
    client.append(silence(0.05));
    client.commit();
    await client.completed(1);
    expect(client.all('error').map(({ error }) => error.code)).toEqual([
      'input_audio_buffer_commit_empty',
      'input_audio_buffer_commit_empty',
    ]);
    expect(client.all('conversation.item.input_audio_transcription.completed')[0]?.usage.seconds).toBe(0.1);
  });
});

describe('the deltas of a turn', () => {
  it('come while it is spoken, only append, and are its transcript', async () => {
    const words = Array.from({ length: 40 }, (_, index) => `w${index}`);
    const { connect, service } = await realtimeServer({
      hear: ({ samples }) => words.slice(0, Math.ceil(samples.length / 8_000)).join(' '),
    });
    const client = await connect();
    await client.update(MANUAL);
    for (let half = 0; half < 16; half += 1) {
      client.append(speech(0.5));
      await client.carriedOut();
      await eventually(() => service.engine.rowsInFlight === 0);
    }
    const early = client.all('conversation.item.input_audio_transcription.delta').length;
    client.commit();
    await client.completed(1);
    expect(early).toBeGreaterThan(1);
    const { item_id: id, transcript } = await client.until('conversation.item.input_audio_transcription.completed');
    expect(transcript).toBe(words.slice(0, 16).join(' '));
    expect(client.deltasOf(id)).toBe(transcript);
    expect(client.all('input_audio_buffer.committed')[0]?.item_id).toBe(id);
  });
});

describe('an event that is wrong', () => {
  it('leaves the session open, and is told by its id', async () => {
    const { connect, service } = await realtimeServer({ hear: heardTenths });
    const client = await connect();
    await client.update(MANUAL);
    client.socket.send('{');
    client.socket.send(Buffer.alloc(320));
    client.send({ type: 'response.create', event_id: 'a' });
    client.send({ type: 'input_audio_buffer.append', event_id: 'b', audio: 'AAA' });
    client.send({ type: 'input_audio_buffer.append', event_id: 'c', audio: 'AAAA' });
    client.append(speech(0.5));
    client.commit();
    await client.completed(1);
    expect(client.all('error').map(({ error: { code, event_id } }) => [code, event_id])).toEqual([
      ['message_invalid', null],
      ['message_invalid', null],
      ['message_invalid', 'a'],
      ['audio_malformed', 'b'],
      ['audio_malformed', 'c'],
    ]);
    expect(client.transcripts).toEqual(['es 5']);
    expect(service.metrics.refusals).toHaveLength(5);
  });
});
