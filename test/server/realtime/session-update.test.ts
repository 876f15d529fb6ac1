import { describe, expect, it } from 'vitest';
import type { RecognitionRequest } from '../../../asr/engine/recognition.ts';
import { sampleAdapter } from '../../adapters/sample-adapters.ts';
import { realtimeServer, speech } from './serve-realtime.ts';

const SPANISH = { transcription: { language: 'es' } };
const MANUAL = { ...SPANISH, turn_detection: null };
/** so that turns end where the test's speech ends */
const PROMPT_VAD = { type: 'server_vad', silence_duration_ms: 200, prefix_padding_ms: 0 } as const;

/** The language of an utterance, and its tenths of a second: the last milliseconds are still being resampled. */
const heardTenths = ({ language, samples }: RecognitionRequest) => `${language} ${Math.round(samples.length / 1_600)}`;

describe('a realtime session that changes', () => {
  it('hears each part of its audio in the language that was in force', async () => {
    const { connect, service } = await realtimeServer({ hear: heardTenths });
    const client = await connect();
    await client.update(MANUAL);
    client.append(speech(1));
    await client.update({ transcription: { language: 'fr' } });
    client.append(speech(2));
    client.commit();
    await client.completed(1);
    expect(client.transcripts).toEqual(['es 10 fr 20']);
    expect(client.all('conversation.item.input_audio_transcription.completed')[0]).toMatchObject({
      languages: [{ code: 'es' }, { code: 'fr' }],
    });
    expect(service.engine.requests.filter(({ deferrable }) => !deferrable).map(({ language }) => language)).toEqual([
      'es',
      'fr',
    ]);
  });

  it('finds the language among those that are allowed', async () => {
    const { connect } = await realtimeServer({
      hear: heardTenths,
      detect: (_samples, among) => ({ language: among.at(-1) ?? '', probability: 1 }),
    });
    const client = await connect();
    await client.update({ transcription: { languages: ['es', 'fr', 'el'] }, turn_detection: null });
    client.append(speech(1));
    client.commit();
    await client.completed(1);
    expect(client.transcripts).toEqual(['el 10']);
  });

  it('biases by prompt and keywords, until they are taken back', async () => {
    const { connect, service } = await realtimeServer();
    const client = await connect();
    await client.update({ ...MANUAL, transcription: { language: 'es', prompt: 'Sombreros:', keywords: ['azul'] } });
    const say = async (count: number) => {
      client.append(speech(0.3));
      client.commit();
      await client.completed(count);
      return service.engine.requests.at(-1);
    };
    expect(await say(1)).toMatchObject({ prompt: 'Sombreros:', hotWords: ['azul'] });
    await client.update({ transcription: { keywords: ['rojo'] } });
    expect(await say(2)).toMatchObject({ prompt: 'Sombreros:', hotWords: ['rojo'] });
    await client.update({ transcription: { prompt: '', keywords: null } });
    expect(await say(3)).toMatchObject({ prompt: '', hotWords: [] });
  });

  it('ends the turn that is open where turn detection or the format change', async () => {
    const { connect } = await realtimeServer({ hear: heardTenths });
    const client = await connect();
    await client.update(MANUAL);
    client.append(speech(1));
    await client.update({ turn_detection: PROMPT_VAD });
    client.append(speech(0.512));
    await client.update({ format: { type: 'audio/pcmu' } });
    client.append(new Uint8Array(8_000).fill(0x80));
    client.append(new Uint8Array(4_000).fill(0xff));
    await client.completed(3);
    expect(client.transcripts[0]).toBe('es 10');
    expect(client.all('input_audio_buffer.speech_started').map(({ audio_start_ms: ms }) => ms)).toEqual([1_000, 1_512]);
    expect(client.all('input_audio_buffer.committed')[2]).toMatchObject({
      previous_item_id: client.all('input_audio_buffer.committed')[1]?.item_id,
    });
  });

  it('takes nothing of an update that is wrong in one field', async () => {
    const { connect } = await realtimeServer();
    const client = await connect();
    const before = await client.update(MANUAL);
    for (const transcription of [
      { model: 'gpt-6', prompt: 'x' },
      { language: 'tlh', prompt: 'x' },
      { languages: ['el', 'tlh'], prompt: 'x' },
      { speaker: 'x', prompt: 'x' },
    ]) {
      const session = { type: 'transcription', audio: { input: { transcription } } };
      client.send({ type: 'session.update', event_id: 'mine', session });
    }
    await client.until('error', 4);
    const path = 'session.audio.input.transcription';
    expect(client.all('error').map(({ error: { code, param, event_id } }) => [code, param, event_id])).toEqual([
      ['model_not_found', `${path}.model`, 'mine'],
      ['language_unknown', `${path}.language`, 'mine'],
      ['language_unknown', `${path}.languages`, 'mine'],
      ['message_invalid', `${path}.speaker`, 'mine'],
    ]);
    expect(await client.update({})).toEqual(before);
  });

  it('tells log-probabilities where they are included, and the adapter that decoded', async () => {
    const adapter = sampleAdapter();
    const { connect } = await realtimeServer({ adapters: [adapter], hear: () => 'un sombrero' });
    const client = await connect({ query: `model=${adapter.manifest.name}` });
    await client.update(MANUAL, { include: ['item.input_audio_transcription.logprobs'] });
    client.append(speech(1));
    client.commit();
    await client.completed(1);
    const description = { name: adapter.manifest.name, version: adapter.manifest.version, digest: adapter.digest };
    expect(client.all('conversation.item.input_audio_transcription.completed')[0]).toMatchObject({
      adapters: [description],
      logprobs: [
        { token: ' un', bytes: [...Buffer.from(' un')], logprob: -0.25 },
        { token: ' sombrero', bytes: [...Buffer.from(' sombrero')], logprob: -0.25 },
      ],
    });
  });

  it('can be configured in the older form', async () => {
    const { connect } = await realtimeServer({ hear: heardTenths });
    const client = await connect();
    client.send({
      type: 'transcription_session.update',
      session: { input_audio_format: 'g711_ulaw', input_audio_transcription: { language: 'fr' }, turn_detection: null },
    });
    const { session } = await client.until('transcription_session.updated');
    expect(session).toMatchObject({ input_audio_format: 'g711_ulaw', turn_detection: null });
    client.append(new Uint8Array(8_000).fill(0xff));
    client.commit();
    await client.completed(1);
    expect(client.transcripts).toEqual(['fr 10']);
  });
});
