import { describe, expect, it } from 'vitest';
import { readClientEvent } from '../../../server/realtime/parse-client-event.ts';

function refusal(event: unknown): { code: string; param: string | null; message: string; eventId: string | null } {
  const read = readClientEvent(Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)), false);
  if (!('error' in read)) throw new Error(`understood: ${JSON.stringify(read.event)}`);
  const { code, param, message } = read.error;
  return { code, param, message, eventId: read.eventId };
}

const update = (input: object) => ({
  type: 'session.update',
  event_id: 'mine',
  session: { type: 'transcription', audio: { input } },
});

describe('an event of a client', () => {
  it('is read with its own id', () => {
    const event = { type: 'input_audio_buffer.commit', event_id: 'mine' };
    expect(readClientEvent(Buffer.from(JSON.stringify(event)), false)).toEqual({ eventId: 'mine', event });
  });

  it.each([
    ['{', null, /JSON/],
    ['[]', null, /object/],
    ['{}', 'type', /missing/],
    ['{"type":"response.create","event_id":"mine"}', 'type', /input_audio_buffer\.append/],
    ['{"type":"input_audio_buffer.append","event_id":"mine"}', 'audio', /missing/],
    ['{"type":"input_audio_buffer.commit","final":true}', 'final', /no field/],
  ])('is refused if it is none: %s', (text, param, message) => {
    expect(refusal(text)).toMatchObject({ code: 'message_invalid', param, message: expect.stringMatching(message) });
  });

  it('is text', () => {
    expect(readClientEvent(Buffer.from([1, 2]), true)).toMatchObject({ error: { code: 'message_invalid' }, eventId: null });
  });

  it.each([
    [{ format: { type: 'audio/pcm', rate: 16_000 } }, 'format.rate', /24000/],
    [{ format: { type: 'audio/pcmu', rate: 24_000 } }, 'format.rate', /8,000/],
    [{ format: { type: 'audio/opus' } }, 'format.type', /"audio\/pcm" or "audio\/pcmu"/],
    [{ turn_detection: { type: 'server_vad', threshold: 1 } }, 'turn_detection.threshold', /at most 0.95/],
    [{ turn_detection: { type: 'server_vad', idle_timeout_ms: 5_000 } }, 'turn_detection.idle_timeout_ms', /null/],
    [{ turn_detection: { type: 'server_vad', eagerness: 'low' } }, 'turn_detection.eagerness', /server_vad does not have it/],
    [{ turn_detection: { type: 'semantic_vad', threshold: 0.5 } }, 'turn_detection.threshold', /semantic_vad does not/],
    [{ transcription: null }, 'transcription', /an object/],
    [{ transcription: { diarize: true } }, 'transcription.diarize', /no field/],
    [{ transcription: { delay: 'none' } }, 'transcription.delay', /"minimal"/],
    [{ transcription: { keywords: ['x'.repeat(51)] } }, 'transcription.keywords.0', /at most 50 characters/],
    [{ noise_reduction: { type: 'loud' } }, 'noise_reduction.type', /"near_field"/],
  ])('that asks for what there is not is refused by the field: %j', (input, param, message) => {
    const refused = refusal(update(input));
    expect(refused).toMatchObject({ code: 'message_invalid', eventId: 'mine' });
    expect(refused.param).toBe(`session.audio.input.${param}`);
    expect(refused.message).toMatch(message);
  });

  it('that asks for a conversation hears that there is none, whatever else it asks for', () => {
    const session = { type: 'realtime', instructions: 'Be kind.', audio: { output: { voice: 'marin' } } };
    expect(refusal({ type: 'session.update', event_id: 'mine', session })).toMatchObject({
      code: 'parameter_unsupported',
      param: 'session.type',
      eventId: 'mine',
    });
    expect(refusal({ type: 'session.update', session: {} })).toMatchObject({ param: 'session.type' });
    expect(refusal(update({ voice: 'marin' }))).toMatchObject({ param: 'session.audio.input.voice' });
  });
});
