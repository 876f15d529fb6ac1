import { describe, expect, it } from 'vitest';
import { readClientEvent } from '../../../server/realtime/parse-client-event.ts';
import { sessionSchema } from '../../../server/realtime/server-events.ts';
import {
  describeLegacySession,
  describeSession,
  initialConfiguration,
  modernUpdate,
  type SessionConfiguration,
  updateConfiguration,
} from '../../../server/realtime/session-configuration.ts';

const START = initialConfiguration(null);

/** As it comes over the wire. @throws what is wrong with it */
function updated(input: object, before: SessionConfiguration = START): SessionConfiguration {
  const event = { type: 'session.update', session: { type: 'transcription', audio: { input } } };
  const read = readClientEvent(Buffer.from(JSON.stringify(event)), false);
  if ('error' in read) throw read.error;
  if (read.event.type !== 'session.update') throw new Error(read.event.type);
  return updateConfiguration(before, read.event.session);
}

describe('the configuration of a session', () => {
  it('begins with PCM, turns by voice, and a language that is found', () => {
    const session = describeSession('sess_1', START);
    expect(sessionSchema.parse(session)).toEqual({
      id: 'sess_1',
      object: 'realtime.transcription_session',
      type: 'transcription',
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: 24_000 },
          noise_reduction: null,
          transcription: { delay: 'low' },
          turn_detection: { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 500 },
        },
      },
      include: [],
    });
    expect(describeSession('sess_1', initialConfiguration('whisper-1')).audio.input.transcription.model).toBe('whisper-1');
  });

  it('changes in what an update names, and in nothing else', () => {
    const one = updated({ transcription: { language: 'el', prompt: 'τρία' }, format: { type: 'audio/pcmu' } });
    const two = updated({ transcription: { keywords: ['μπλε'] }, turn_detection: null }, one);
    expect(two).toEqual({
      audioType: 'audio/pcmu',
      transcription: { language: 'el', prompt: 'τρία', keywords: ['μπλε'], delay: 'low' },
      turnDetection: null,
      logProbs: false,
    });
    expect(updateConfiguration(two, { type: 'transcription' })).toEqual(two);
  });

  it('takes fields back', () => {
    const all = updated({ transcription: { model: 'm', language: 'el', prompt: 'p', keywords: ['k'], delay: 'high' } });
    const emptied = { model: null, language: '', prompt: '', keywords: [], delay: null };
    expect(updated({ transcription: emptied }, all).transcription).toEqual({ delay: 'low' });
  });

  it('has one language or several', () => {
    const several = updated({ transcription: { languages: ['el', 'fr'] } });
    expect(several.transcription).toEqual({ languages: ['el', 'fr'], delay: 'low' });
    const one = updated({ transcription: { language: 'es' } }, several);
    expect(one.transcription).toEqual({ language: 'es', delay: 'low' });
    expect(updated({ transcription: { languages: ['el'] } }, one).transcription).toEqual({ languages: ['el'], delay: 'low' });
    expect(() => updated({ transcription: { language: 'es', languages: ['el'] } })).toThrow(/leave one out/);
  });

  it('replaces turn detection as a whole', () => {
    const patient = updated({ turn_detection: { type: 'server_vad', threshold: 0.8, silence_duration_ms: 900 } });
    expect(patient.turnDetection).toEqual({
      type: 'server_vad',
      threshold: 0.8,
      prefixPaddingMs: 300,
      silenceDurationMs: 900,
    });
    const eager = updated({ turn_detection: { type: 'semantic_vad' } }, patient);
    expect(eager.turnDetection).toEqual({ type: 'semantic_vad', eagerness: 'auto' });
    expect(updated({ turn_detection: { type: 'server_vad' } }, eager).turnDetection).toEqual(START.turnDetection);
  });

  it('is told in the older form to clients that write it', () => {
    const update = modernUpdate({
      input_audio_format: 'g711_alaw',
      turn_detection: null,
      input_audio_transcription: { language: 'fr' },
      include: ['item.input_audio_transcription.logprobs'],
    });
    const configuration = updateConfiguration(START, update);
    expect(configuration).toMatchObject({ audioType: 'audio/pcma', turnDetection: null, logProbs: true });
    expect(describeLegacySession('sess_1', configuration)).toEqual({
      id: 'sess_1',
      object: 'realtime.transcription_session',
      input_audio_format: 'g711_alaw',
      input_audio_noise_reduction: null,
      input_audio_transcription: { language: 'fr', delay: 'low' },
      turn_detection: null,
      include: ['item.input_audio_transcription.logprobs'],
    });
  });
});
