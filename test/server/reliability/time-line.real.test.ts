import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import { WINDOW_SAMPLES } from '../../../asr/voice-activity/voice-detector.ts';
import { loadConfiguration } from '../../../server/configuration/load-configuration.ts';
import type { FinalMessage } from '../../../server/protocol/stream-messages.ts';
import type { Recogniser } from '../../../server/recogniser.ts';
import { type RunningService, startService } from '../../../server/start-service.ts';
import { CaptionClient } from './caption-client.ts';
import { type SentRecording, sentRecordings } from './recordings.ts';

const RATE_HZ = 16_000;
/** Longer than what ends an utterance. */
const PAUSE_SECONDS = 1.5;

describe("a stream's time line", () => {
  let service: RunningService;
  let recogniser: Recogniser;
  let recordings: readonly SentRecording[];

  beforeAll(async () => {
    recordings = await sentRecordings();
    const nothing = () => undefined;
    const configuration = loadConfiguration({ env: { PORT: '0' } });
    const log = pino({ level: 'silent' });
    service = await startService({ configuration, log, env: process.env, onWeights: nothing, onEngine: nothing });
    recogniser = await service.ready;
  });
  afterAll(async () => service.stop());

  it('is all accounted for: what is in no final is silence', async () => {
    const spoken = recordings.slice(0, 4);
    const samples = withPauses(spoken);
    const client = await CaptionClient.open({ url: service.url, language: 'es' });
    client.send(samples);
    const { code, messages } = await client.finish();
    const { finals } = client;

    expect(code).toBe(1000);
    expect(messages.at(-1)).toEqual({
      type: 'closed',
      reason: 'finish',
      audio: onTheWire(samples.length / RATE_HZ),
      finals: finals.length,
    });
    expect(finals.length).toBeGreaterThanOrEqual(spoken.length);
    expectInOrder(finals, samples.length / RATE_HZ);
    for (const [from, to] of gapsBetween(finals, samples.length)) {
      expect([from, to, await speechIn(samples, from, to)]).toEqual([from, to, 0]);
    }
  });

  /** Windows of speech between two samples, as a detector hears them that has heard all of the stream. */
  async function speechIn(samples: Int16Array, from: number, to: number): Promise<number> {
    const signal = recogniser.voice.open();
    const probabilities = await signal.push(Float32Array.from(samples, (sample) => sample / 32_768));
    signal.close();
    const inside = (window: number) => window * WINDOW_SAMPLES >= from && (window + 1) * WINDOW_SAMPLES <= to;
    const spoken = probabilities.filter(
      (probability, window) => inside(window) && probability >= DEFAULT_ENDPOINTING.threshold,
    );
    return spoken.length;
  }
});

/** Seconds are sent to the millisecond. */
function onTheWire(seconds: number): number {
  return Math.round(1000 * seconds) / 1000;
}

function withPauses(spoken: readonly SentRecording[]): Int16Array {
  const pause = new Int16Array(PAUSE_SECONDS * RATE_HZ);
  const parts = spoken.flatMap(({ samples }) => [pause, samples]);
  const whole = new Int16Array([...parts, pause].reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function expectInOrder(finals: readonly FinalMessage[], audioSeconds: number): void {
  let end = 0;
  for (const [index, final] of finals.entries()) {
    expect(final.sequence).toBe(index);
    expect(final.start).toBeGreaterThanOrEqual(end);
    expect(final.end).toBeGreaterThan(final.start);
    end = final.end;
  }
  expect(end).toBeLessThanOrEqual(audioSeconds);
}

/** In samples: before, between and after the finals. */
function gapsBetween(finals: readonly FinalMessage[], length: number): readonly (readonly [number, number])[] {
  const ends = [0, ...finals.map(({ end }) => Math.round(end * RATE_HZ))];
  const starts = [...finals.map(({ start }) => Math.round(start * RATE_HZ)), length];
  return ends.map((end, index) => [end, starts[index] ?? length] as const);
}
