import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../asr/engine/engine.ts';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import { drawOf } from '../../../bench/benches/draw.ts';
import type { Service } from '../../../server/service.ts';
import { cuttingProxy } from '../../support/cutting-proxy.ts';
import { speechFixtures, startRealEngine } from '../../support/real-engine.ts';
import { createTestService } from '../../support/test-service.ts';
import { type Outcome, type Sent, sendWhole } from './resuming-client.ts';
import { serveStreams } from './serve-streams.ts';

const RATE_HZ = 16_000;
/** 100 ms */
const FRAME_SAMPLES = 1_600;
const SEED = 7;
const RUNS = 3;

describe('a stream of real speech in three languages', () => {
  let engine: Engine;
  let voice: VoiceDetector;
  let service: Service;
  let sent: readonly Sent[];
  beforeAll(async () => {
    [engine, voice] = await Promise.all([startRealEngine(), startSileroDetector()]);
    service = createTestService({ recogniser: { engine, voice, rows: new RowGate(64), clock: () => performance.now() } });
    const fixtures = await speechFixtures();
    const spoken = ['es', 'el', 'ru'].flatMap((language) => {
      const recordings = fixtures.filter((fixture) => fixture.language === language).slice(0, 2);
      const audio = recordings.flatMap(({ samples }) => [...framesOf(samples), ...framesOf(new Float32Array(RATE_HZ))]);
      return [{ message: { type: 'language', language } } as const, ...audio];
    });
    sent = [...spoken, { message: { type: 'finish' } }];
  });
  afterAll(async () => Promise.all([engine.close(), voice.close()]));

  it(`has the same words, times and numbers, wherever its connection is cut (${RUNS} runs)`, async () => {
    const { url } = await serveStreams(service);
    const proxy = await cuttingProxy(url);
    const whole = await sendWhole(url, sent, { words: true });
    expect(whole.resumes).toBe(0);
    expect(new Set(whole.outcomes.map((outcome) => outcome.type === 'final' && outcome.language))).toEqual(
      new Set(['es', 'el', 'ru']),
    );
    let resumes = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const draw = drawOf(SEED, run);
      proxy.plan([
        { towards: 'server', afterBytes: draw.whole(1_000, 200_000) },
        { towards: 'client', afterBytes: draw.whole(1_000, 4_000) },
        { towards: 'server', afterBytes: draw.whole(1_000, 100_000) },
      ]);
      const cut = await sendWhole(proxy.url, sent, { words: true });
      expect(cut.outcomes.map(said)).toEqual(whole.outcomes.map(said));
      resumes += cut.resumes;
    }
    expect(resumes).toBeGreaterThan(RUNS);
  });
});

function framesOf(samples: Float32Array): readonly Sent[] {
  // half as loud, as some of the recordings go beyond full scale
  const audio = Int16Array.from(samples, (sample) => Math.round(16_000 * sample));
  const count = Math.ceil(audio.length / FRAME_SAMPLES);
  return Array.from({ length: count }, (_, index) => ({
    audio: audio.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES),
  }));
}

/** All but how long it took. */
function said(outcome: Outcome): unknown {
  if (outcome.type === 'error') return outcome;
  const { timings: _, ...rest } = outcome;
  return rest;
}
