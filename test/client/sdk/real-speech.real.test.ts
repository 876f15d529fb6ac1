import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../asr/engine/engine.ts';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { startSileroDetector } from '../../../asr/voice-activity/silero-detector.ts';
import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import { openStream } from '../../../client/sdk/open-stream.ts';
import type { StreamEvent } from '../../../client/sdk/stream-event.ts';
import type { StreamOptions } from '../../../client/sdk/stream-options.ts';
import type { Service } from '../../../server/service.ts';
import { serveStreams } from '../../server/stream/serve-streams.ts';
import { type Cut, cuttingProxy } from '../../support/cutting-proxy.ts';
import { type SpeechPiece, speechFixtures, startRealEngine } from '../../support/real-engine.ts';
import { createTestService } from '../../support/test-service.ts';
import { eventsOf } from './open-test-stream.ts';

/** 20 ms at 16 kHz */
const FRAME_SAMPLES = 320;

describe('the SDK with real speech', () => {
  let engine: Engine;
  let voice: VoiceDetector;
  let service: Service;
  let fixtures: readonly SpeechPiece[];
  beforeAll(async () => {
    [engine, voice] = await Promise.all([startRealEngine(), startSileroDetector()]);
    service = createTestService({ recogniser: { engine, voice, rows: new RowGate(64), clock: () => performance.now() } });
    fixtures = await speechFixtures();
  });
  afterAll(async () => Promise.all([engine.close(), voice.close()]));

  /** Every event of three recordings with pauses between them. */
  async function hear(url: string, language: string, options: Partial<StreamOptions> = {}): Promise<readonly StreamEvent[]> {
    const stream = await openStream({ url, language, reconnect: { firstWaitMs: 20 }, ...options });
    const sent = (async () => {
      for (const { samples } of fixtures.filter((fixture) => fixture.language === language)) {
        // half as loud: some of the recordings go beyond full scale
        const spoken = samples.map((sample) => sample / 2);
        for (let at = 0; at < spoken.length; at += FRAME_SAMPLES) await stream.send(spoken.subarray(at, at + FRAME_SAMPLES));
        await stream.send(new Float32Array(16_000));
      }
      await stream.finish();
    })();
    const events = await eventsOf(stream);
    await sent;
    return events;
  }

  const finalsOf = (events: readonly StreamEvent[]) =>
    events
      .filter((event) => event.type === 'final')
      .map(({ sequence, text, start, end, words }) => ({ sequence, text, start, end, words }));

  it('has the words of it, with their times', async () => {
    const { url } = await serveStreams(service);
    const finals = finalsOf(await hear(url, 'es', { words: true }));
    expect(finals.length).toBeGreaterThanOrEqual(3);
    expect(finals.map(({ text }) => text).join(' ')).toMatch(/sombrero/i);
    for (const { text, words = [], start, end } of finals) {
      expect(words.map((word) => word.text).join(' ')).toBe(text);
      for (const word of words) {
        expect(word.start).toBeGreaterThanOrEqual(start);
        expect(word.end).toBeLessThanOrEqual(end);
      }
    }
  });

  it('over a network that is cut again and again has what it has over one that is not', async () => {
    const { url } = await serveStreams(service);
    const proxy = await cuttingProxy(url);
    const unbroken = finalsOf(await hear(url, 'es'));
    const cuts: readonly Cut[] = [
      { towards: 'server', afterBytes: 40_001 },
      { towards: 'client', afterBytes: 900 },
      { towards: 'server', afterBytes: 77_777 },
      { towards: 'client', afterBytes: 400 },
    ];
    proxy.plan(cuts);
    expect(finalsOf(await hear(proxy.url, 'es'))).toEqual(unbroken);
    expect(proxy.cuts).toBeGreaterThanOrEqual(2);
  });
});
