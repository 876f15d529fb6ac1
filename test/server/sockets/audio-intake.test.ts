import { expect, it } from 'vitest';
import { SpeechStream } from '../../../asr/streaming/speech-stream.ts';
import { AudioIntake } from '../../../server/sockets/audio-intake.ts';
import { START } from '../../support/stream-client.ts';
import { createTestService } from '../../support/test-service.ts';
import { heldEngine, speech } from '../stream/serve-streams.ts';

const LIMITS = { bufferMs: 60_000, longestMs: 600_000 };

it('a client that only flushes is held back while its flushes wait for words, and read from again after them', async () => {
  const engine = heldEngine();
  const recogniser = createTestService(engine).recogniser();
  const stream = new SpeechStream({
    recognition: recogniser,
    sampleRateHz: START.sample_rate,
    channels: 1,
    language: START.language,
    endpointing: 'off',
    urgency: 'live',
    onEvent: () => undefined,
  });
  const intake = new AudioIntake(stream, { encoding: START.encoding, sampleRateHz: START.sample_rate, channels: 1 }, LIMITS);
  intake.take(new Uint8Array(speech(1).buffer));
  const flushes = Array.from({ length: 64 }, () => intake.flush());
  expect(intake.keepsReading(true)).toBe(true);
  flushes.push(intake.flush());
  expect(intake.keepsReading(true)).toBe(false);
  expect(intake.keepsReading(false)).toBe(false);
  engine.letGo();
  await Promise.all(flushes);
  expect(intake.keepsReading(false)).toBe(true);
});
