import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { startSchema } from '../../../server/protocol/stream-messages.ts';
import { parseClientMessage } from '../../../server/stream/parse-client-message.ts';
import { START } from '../../support/stream-client.ts';

function refusalOf(message: unknown): { message: string; param: string | null; code: string } {
  try {
    parseClientMessage(typeof message === 'string' ? message : JSON.stringify(message));
  } catch (error) {
    const { message: text, param, code } = error as FloraAsrError;
    return { message: text, param, code };
  }
  throw new Error('It was not refused.');
}

describe('parseClientMessage', () => {
  it('fills in what may be left out', () => {
    expect(parseClientMessage(JSON.stringify(START))).toEqual({
      ...START,
      channels: 1,
      task: 'transcribe',
      words: false,
      partials: false,
      resumable: false,
    });
    expect(parseClientMessage(JSON.stringify({ ...START, endpointing: { silence_ms: 200 } }))).toMatchObject({
      endpointing: { silence_ms: 200, prefix_ms: 300, threshold: 0.5 },
    });
    expect(parseClientMessage('{"type":"flush"}')).toEqual({ type: 'flush' });
  });

  it.each([
    ['no JSON', '{"type":', 'A text message must be JSON; samples go into binary messages.', null],
    ['an array', '[]', 'A text message must be a JSON object, such as {"type":"finish"}.', null],
    ['null', 'null', 'A text message must be a JSON object, such as {"type":"finish"}.', null],
    ['no type', {}, 'type must be "start", "flush", "language", "finish" or "resume"; it is missing.', 'type'],
    [
      'another type',
      { type: 'Finalize' },
      'type must be "start", "flush", "language", "finish" or "resume"; not "Finalize".',
      'type',
    ],
    [
      'a type of the prototype',
      { type: 'constructor' },
      'type must be "start", "flush", "language", "finish" or "resume"; not "constructor".',
      'type',
    ],
    ['no language', { ...START, language: undefined }, 'language is missing; it must be text.', 'language'],
    ['an empty language', { ...START, language: '' }, 'language must be at least 1 character long, not "".', 'language'],
    [
      'an unknown encoding',
      { ...START, encoding: 'opus' },
      'encoding must be "pcm_s16le" or "pcm_f32le" or "mulaw" or "alaw", not "opus".',
      'encoding',
    ],
    ['a rate as text', { ...START, sample_rate: '16000' }, 'sample_rate must be a number, not "16000".', 'sample_rate'],
    ['half a rate', { ...START, sample_rate: 11_025.5 }, 'sample_rate must be a whole number, not 11025.5.', 'sample_rate'],
    ['a low rate', { ...START, sample_rate: 7_999 }, 'sample_rate must be at least 8000, not 7999.', 'sample_rate'],
    ['a huge rate', { ...START, sample_rate: 2 ** 60 }, `sample_rate must be at most 48000, not ${2 ** 60}.`, 'sample_rate'],
    ['no channels', { ...START, channels: 0 }, 'channels must be at least 1, not 0.', 'channels'],
    [
      'endpointing that is true',
      { ...START, endpointing: true },
      'endpointing must be false, or an object such as {"silence_ms":500}, not true.',
      'endpointing',
    ],
    [
      'a short silence',
      { ...START, endpointing: { silence_ms: 99 } },
      'endpointing.silence_ms must be at least 100, not 99.',
      'endpointing.silence_ms',
    ],
    [
      'an unknown field',
      { ...START, langauge: 'es' },
      'There is no field "langauge"; leave it out, or see whether it is misspelt.',
      'langauge',
    ],
    [
      'an unknown field further down',
      { ...START, endpointing: { silence: 1 } },
      'There is no field "endpointing.silence"; leave it out, or see whether it is misspelt.',
      'endpointing.silence',
    ],
    [
      'a field of the prototype',
      `${JSON.stringify(START).slice(0, -1)},"__proto__":1}`,
      expect.stringContaining('__proto__'),
      '__proto__',
    ],
    ['a field too many', { type: 'flush', now: true }, expect.stringContaining('There is no field "now"'), 'now'],
  ])('says what is wrong with %s', (_, message, expected, param) => {
    expect(refusalOf(message)).toEqual({ code: 'message_invalid', message: expected, param });
  });

  it('takes, or refuses as invalid, whatever JSON comes', () => {
    const field = fc.constantFrom(...Object.keys(startSchema.shape), 'x');
    fc.assert(
      fc.property(field, fc.jsonValue(), (name, value) => {
        try {
          parseClientMessage(JSON.stringify({ ...START, [name]: value }));
        } catch (error) {
          expect(error).toBeInstanceOf(FloraAsrError);
          expect((error as FloraAsrError).code).toBe('message_invalid');
          expect((error as FloraAsrError).message).not.toMatch(/undefined|\[object/);
        }
      }),
    );
  });
});
