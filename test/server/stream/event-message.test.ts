import { describe, expect, it } from 'vitest';
import type { RecognitionResult } from '../../../asr/engine/recognition.ts';
import type { SpeechEvent } from '../../../asr/streaming/speech-event.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { describeError } from '../../../server/describe-error.ts';
import { errorSchema, finalSchema } from '../../../server/protocol/stream-messages.ts';
import { errorMessage, finalMessage } from '../../../server/stream/event-message.ts';

const RESULT: RecognitionResult = {
  text: 'un sombrero',
  tokens: [],
  tokenLogProbs: [Math.log(0.5), Math.log(0.5)],
  words: null,
  temperature: 0,
  noSpeechProb: 0,
  context: 100,
  attempts: 1,
  trips: [],
  timings: { waitMs: 1, featuresMs: 2, encodeMs: 30.04, decodeMs: 40, totalMs: 80 },
  adapter: { name: 'stamps', version: '1.0.0', digest: 'sha256:00' },
};

function finalEvent(result: Partial<RecognitionResult>, endToFinalMs = 100): Extract<SpeechEvent, { kind: 'final' }> {
  return {
    kind: 'final',
    language: 'el',
    channel: 1,
    startMs: 1_234,
    endMs: 2_500,
    endedBy: 'pause',
    result: { ...RESULT, ...result },
    endToFinalMs,
  };
}

describe('finalMessage', () => {
  it('says the words, when, how sure, by which adapter, and where the time went', () => {
    const message = finalMessage({ ...finalEvent({}), language: 'es-419' }, { words: false, sequence: 3 });
    expect(finalSchema.parse(message)).toEqual({
      type: 'final',
      sequence: 3,
      channel: 1,
      text: 'un sombrero',
      start: 1.234,
      end: 2.5,
      language: 'es-419',
      confidence: expect.closeTo(0.5),
      adapter: { name: 'stamps', version: '1.0.0', digest: 'sha256:00' },
      ended_by: 'pause',
      timings: { wait_ms: 28, encode_ms: 32, decode_ms: 40, total_ms: 100 },
    });
  });

  it('has no confidence where there are no words', () => {
    const message = finalMessage(finalEvent({ text: '' }), { words: false, sequence: 0 });
    expect(finalSchema.parse(message)).toMatchObject({ text: '', confidence: null });
  });

  it('never has waited for less than nothing, nor is it more than sure', () => {
    const message = finalMessage(finalEvent({ tokenLogProbs: [1e-9] }, 10), { words: false, sequence: 0 });
    expect(finalSchema.parse(message)).toMatchObject({ confidence: 1, timings: { wait_ms: 0, total_ms: 10 } });
  });
});

describe('errorMessage', () => {
  const error = describeError(new FloraAsrError('queue_full', 'Try again.'));

  it('names the audio that was lost', () => {
    const message = errorMessage(error, { fatal: false, sequence: 4, lost: { channel: 1, startMs: 500, endMs: 1_500 } });
    expect(errorSchema.parse(message)).toMatchObject({
      code: 'queue_full',
      sequence: 4,
      retryable: true,
      fatal: false,
      channel: 1,
      start: 0.5,
      end: 1.5,
    });
  });

  it('names none where none was', () => {
    const message = errorMessage(error, { fatal: true, sequence: null, lost: null });
    expect(errorSchema.parse(message)).toMatchObject({ fatal: true, sequence: null, channel: null, start: null, end: null });
  });
});
