import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { eventually, heldEngine, silence, speech } from '../stream/serve-streams.ts';
import { DeepgramClient } from './deepgram-client.ts';
import { listenServer } from './serve-listen.ts';

const words = { hear: () => 'Un sombrero, azul.' };

describe('a stream of Deepgram', () => {
  it('tells the words of each utterance, and at its end what it was', async () => {
    const { connect, service } = await listenServer(words);
    const client = await connect('punctuate=true');
    const audio = [speech(0.96), silence(1), speech(0.96), silence(1)];
    for (const samples of audio) client.audio(samples);
    expect(await client.closeStream()).toMatchObject({ code: 1000, reason: '' });
    expect(client.transcripts).toEqual(['Un sombrero, azul.', 'Un sombrero, azul.']);
    expect(client.finals.map(({ speech_final: speechFinal }) => speechFinal)).toEqual([true, true]);
    const [first] = client.finals;
    expect(first).toMatchObject({ channel_index: [0, 1], start: 0, duration: 1.26, from_finalize: false });
    expect(first?.channel.alternatives[0]?.words.map(({ word }) => word)).toEqual(['un', 'sombrero', 'azul']);
    const digest = createHash('sha256');
    for (const samples of audio) digest.update(new Uint8Array(samples.buffer));
    expect(client.messages.at(-1)).toMatchObject({
      type: 'Metadata',
      request_id: client.headers['dg-request-id'],
      sha256: digest.digest('hex'),
      created: '2026-01-02T03:04:05.000Z',
      duration: 3.92,
      channels: 1,
      models: [first?.metadata.model_uuid],
    });
    expect(service.metrics.utterances.map(({ protocol, language }) => [protocol, language])).toEqual([
      ['deepgram', 'es'],
      ['deepgram', 'es'],
    ]);
    await eventually(() => service.metrics.closedStreams.length > 0);
    expect(service.metrics.closedStreams).toEqual([expect.objectContaining({ reason: 'finish' })]);
    expect(JSON.stringify(service.logged)).not.toMatch(/sombrero/i);
  });

  it('has no punctuation unless it is asked for, and can be told to', async () => {
    const { connect } = await listenServer(words);
    const client = await connect();
    client.audio(speech(0.96));
    client.send({ type: 'Finalize' });
    await client.when(() => client.finals.length === 1);
    client.send({ type: 'Configure', features: { punctuate: true } });
    client.audio(speech(0.96));
    await client.closeStream();
    expect(client.transcripts).toEqual(['un sombrero azul', 'Un sombrero, azul.']);
  });

  it('ends in mid-utterance with the words of what was said until then', async () => {
    const { connect } = await listenServer(words);
    const client = await connect();
    client.audio(speech(0.96));
    expect((await client.closeStream()).code).toBe(1000);
    expect(client.finals).toHaveLength(1);
    expect(client.finals[0]).toMatchObject({ speech_final: true, from_finalize: false, duration: 0.96 });
    expect(client.messages.at(-1)?.type).toBe('Metadata');
  });

  it('of nothing has Metadata only', async () => {
    const { connect } = await listenServer(words);
    const client = await connect();
    expect((await client.closeStream()).code).toBe(1000);
    expect(client.messages).toMatchObject([{ type: 'Metadata', duration: 0, models: [], model_info: {} }]);
  });

  it('takes nothing behind CloseStream', async () => {
    const { connect } = await listenServer(words);
    const client = await connect();
    client.audio(speech(0.96));
    client.send({ type: 'CloseStream' });
    client.audio(speech(5));
    client.send({ type: 'Finalize' });
    expect((await client.closed).code).toBe(1000);
    expect(client.messages.at(-1)).toMatchObject({ type: 'Metadata', duration: 0.96 });
  });

  it('takes samples cut anywhere, and messages without any', async () => {
    const { connect } = await listenServer({ hear: ({ samples }) => `${samples.length}` });
    const client = await connect();
    const bytes = Buffer.from(speech(0.96).buffer);
    for (const [from, to] of [
      [0, 0],
      [0, 1_001],
      [1_001, 2_002],
      [2_002, 2_002],
      [2_002, bytes.length],
    ] as const) {
      client.audio(bytes.subarray(from, to));
    }
    await client.closeStream();
    expect(client.transcripts).toEqual(['15360']);
  });

  it('says where an utterance failed, and goes on', async () => {
    let heard = 0;
    const hear = () => {
      heard += 1;
      if (heard === 1) throw new FloraAsrError('engine_failed', 'The worker was lost.');
      return 'words';
    };
    const { connect, service } = await listenServer({ hear });
    const client = await connect();
    client.audio(speech(0.96));
    client.send({ type: 'Finalize' });
    const error = await client.until('Error');
    expect(error).toMatchObject({ variant: 'engine_failed', channel: 0, start: 0, end: 0.96 });
    client.audio(speech(0.96));
    await client.closeStream();
    expect(client.transcripts).toEqual(['', 'words']);
    expect(service.metrics.refusals).toContainEqual({ protocol: 'deepgram', code: 'engine_failed' });
  });
});

describe('Configure', () => {
  it('changes the terms that are more likely, from the audio on that follows', async () => {
    const { connect, service } = await listenServer(words);
    const client = await connect('keyterm=azul');
    client.audio(speech(0.96));
    client.send({ type: 'Configure', keyterms: ['sombrero', 'abuela'] });
    client.audio(silence(1));
    client.audio(speech(0.96));
    const answer = await client.until('ConfigureSuccess');
    expect(answer).toEqual({
      type: 'ConfigureSuccess',
      request_id: client.headers['dg-request-id'],
      keyterms: ['sombrero', 'abuela'],
    });
    await client.closeStream();
    expect(service.engine.requests.map(({ hotWords }) => hotWords).at(-1)).toEqual(['sombrero', 'abuela']);
  });

  it('that cannot be done changes nothing, and the stream goes on', async () => {
    const { connect } = await listenServer(words);
    const client = await connect();
    client.send({ type: 'Configure', features: { redact: true, punctuate: true } });
    client.send({ type: 'Configure', keyterms: Array.from({ length: 21 }, (_, index) => `${index}${'a'.repeat(150)}`) });
    client.audio(speech(0.96));
    await client.closeStream();
    expect(client.messages.slice(0, 2)).toMatchObject([
      { type: 'ConfigureFailure', code: 'CONFIGURE_FEATURE_NOT_SUPPORTED' },
      { type: 'ConfigureFailure', code: 'CONFIGURE_KEYTERM_LIMIT_EXCEEDED' },
    ]);
    expect(client.transcripts).toEqual(['un sombrero azul']);
  });
});

describe('a stream of Deepgram that is not as it should be', () => {
  it.each(['{"type":"Finalise"}', 'hello', '{"type":"Configure","keyterms":"azul"}', '[]'])(
    'says so of a message, and goes on: %s',
    async (text) => {
      const { connect } = await listenServer(words);
      const client = await connect();
      client.socket.send(text);
      expect(await client.until('Error')).toMatchObject({ variant: 'SchemaError', code: 'message_invalid', message: text });
      client.audio(speech(0.96));
      expect((await client.closeStream()).code).toBe(1000);
      expect(client.finals).toHaveLength(1);
    },
  );

  it('is closed with NET-0001 after 10 s without audio and without messages, once what was said is told', async () => {
    const { connect, time, service } = await listenServer(words);
    const client = await connect();
    client.audio(speech(0.96));
    await client.wasRead();
    time.advance(9_000);
    client.send({ type: 'KeepAlive' });
    await client.wasRead();
    time.advance(9_000);
    client.send({ type: 'KeepAlive' });
    await client.wasRead();
    time.advance(10_000);
    const { code, reason } = await client.closed;
    expect([code, reason.slice(0, 8)]).toEqual([1011, 'NET-0001']);
    expect(client.messages.map(({ type }) => type)).toEqual(['Results', 'Error', 'Metadata']);
    await eventually(() => service.metrics.closedStreams.length > 0);
    expect(service.metrics.closedStreams).toEqual([expect.objectContaining({ reason: 'error' })]);
  });

  it('is closed with a reason when it is too long', async () => {
    const { connect } = await listenServer({ ...words, configuration: { maxStreamSeconds: 1 } });
    const client = await connect();
    client.audio(speech(0.96));
    client.audio(speech(0.96));
    expect(await client.closed).toMatchObject({ code: 1008, reason: 'stream_too_long' });
    expect(client.finals).toHaveLength(1);
  });

  it('is told of samples that are no numbers', async () => {
    const { url } = await listenServer(words);
    const client = await DeepgramClient.connect(`${url}/v1/listen?encoding=linear32&sample_rate=16000&language=es`);
    client.audio(Float32Array.of(0, Number.NaN));
    const { code, reason } = await client.closed;
    expect([code, reason.slice(0, 9)]).toEqual([1008, 'DATA-0000']);
  });

  it('when the service drains, has its words, and is closed so that it connects anew', async () => {
    const { connect, streams } = await listenServer(words);
    const client = await connect();
    client.audio(speech(0.96));
    await client.wasRead();
    const drained = streams.drain();
    expect((await client.closed).code).toBe(1001);
    await drained;
    expect(client.messages.map(({ type }) => type)).toEqual(['Results', 'Metadata']);
  });

  it('when the service must end at once, is told what is lost', async () => {
    const engine = heldEngine();
    const { connect, streams, time } = await listenServer(engine);
    const client = await connect();
    client.audio(speech(0.96));
    await client.wasRead();
    streams.closeAll();
    expect((await client.closed).code).toBe(1001);
    expect(client.messages).toMatchObject([{ type: 'Error', code: 'draining', start: 0, end: 0.96 }, { type: 'Metadata' }]);
    time.advance(1_000);
  });
});

describe('what a stream of Deepgram tells beside words', () => {
  it('is when somebody begins to speak, and when nobody has for long enough', async () => {
    const { connect } = await listenServer(words);
    const client = await connect('vad_events=true&interim_results=true&utterance_end_ms=1000');
    client.audio(silence(0.48));
    client.audio(speech(0.96));
    client.audio(silence(2));
    await client.until('UtteranceEnd');
    await client.closeStream();
    const told = client.messages.filter(({ type }) => type === 'SpeechStarted' || type === 'UtteranceEnd');
    expect(told).toMatchObject([
      { type: 'SpeechStarted', channel: [0, 1], timestamp: 0.48 },
      { type: 'UtteranceEnd', channel: [0, 1] },
    ]);
    expect(client.messages.findIndex(({ type }) => type === 'UtteranceEnd')).toBeGreaterThan(
      client.messages.findLastIndex(({ type }) => type === 'Results'),
    );
  });

  it('is nothing of it, if it is not asked for', async () => {
    const { connect } = await listenServer(words);
    const client = await connect();
    client.audio(speech(0.96));
    client.audio(silence(2));
    await client.closeStream();
    expect(client.messages.map(({ type }) => type)).toEqual(['Results', 'Metadata']);
  });

  it('are words while they are spoken, with interim_results', async () => {
    const { connect } = await listenServer({
      hear: ({ samples }) =>
        'one two three four five six'
          .split(' ')
          .slice(0, Math.floor(samples.length / 3_200))
          .join(' '),
    });
    const client = await connect('interim_results=true');
    client.audio(speech(0.48));
    client.audio(speech(0.48));
    await client.when(() => client.results.length > 0);
    expect(client.results[0]).toMatchObject({ is_final: false, speech_final: false });
    await client.closeStream();
    expect(client.finals).toHaveLength(1);
    const interim = client.results.filter(({ is_final: isFinal }) => !isFinal);
    expect(interim.length).toBeGreaterThan(0);
    expect(client.results.at(-1)?.is_final).toBe(true);
  });

  it('mixes channels that are not to be apart', async () => {
    const { connect } = await listenServer({ hear: ({ samples }) => `${samples.length}` });
    const client = await connect('channels=2');
    client.audio(new Int16Array(2 * 15_360).fill(29_000));
    await client.closeStream();
    expect(client.transcripts).toEqual(['15360']);
    expect(client.finals[0]?.channel_index).toEqual([0, 1]);
  });

  it('finds the language among those that are named', async () => {
    const { url } = await listenServer({ ...words, detect: () => ({ language: 'fr', probability: 1 }) });
    const query = 'encoding=linear16&sample_rate=16000&language=multi&language_hint=fr&language_hint=el';
    const client = await DeepgramClient.connect(`${url}/v1/listen?${query}`);
    client.audio(speech(0.96));
    await client.closeStream();
    expect(client.finals[0]?.channel.alternatives[0]?.languages).toEqual(['fr']);
  });
});
