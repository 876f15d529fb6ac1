import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineStats } from '../../../asr/engine/engine-stats.ts';
import { type Draw, drawOf } from '../../../bench/benches/draw.ts';
import { metricSamples } from '../../../bench/benches/fuzz/service-process.ts';
import { loadConfiguration } from '../../../server/configuration/load-configuration.ts';
import type { Recogniser } from '../../../server/recogniser.ts';
import { type RunningService, startService } from '../../../server/start-service.ts';
import { CaptionClient, refusedStream, textOf } from './caption-client.ts';
import { refusedUpload, type SentRecording, sentRecordings, unfinishedUpload, uploadText } from './recordings.ts';

const STEADY_STREAMS = 4;
const KILLED_CLIENTS = 30;
const KILLED_AT_ONCE = 8;
/** Twice those that are killed: the next one comes before the service has seen the last one go. */
const MOST_STREAMS = STEADY_STREAMS + 2 * KILLED_AT_ONCE;
const MOST_REQUESTS = KILLED_AT_ONCE + 1;
const SETTINGS = {
  PORT: '0',
  MAX_STREAMS: `${MOST_STREAMS}`,
  MAX_STREAMS_PER_KEY: `${MOST_STREAMS}`,
  MAX_REQUESTS: `${MOST_REQUESTS}`,
  MAX_REQUESTS_PER_KEY: `${MOST_REQUESTS}`,
  RATE_PER_MINUTE: '100000',
};

describe('clients that are killed', () => {
  let service: RunningService;
  let recogniser: Recogniser;
  let recordings: readonly SentRecording[];

  beforeAll(async () => {
    recordings = await sentRecordings();
    const nothing = () => undefined;
    const configuration = loadConfiguration({ env: SETTINGS });
    const log = pino({ level: 'silent' });
    service = await startService({ configuration, log, env: process.env, onWeights: nothing, onEngine: nothing });
    recogniser = await service.ready;
  });
  afterAll(async () => service.stop());

  /** Every row has left, and nothing waits to become one. */
  async function idle(): Promise<EngineStats> {
    while (recogniser.engine.rowsInFlight > 0 || recogniser.rows.waiting > 0) await sleep(20);
    return recogniser.engine.stats();
  }

  async function streamText(recording: SentRecording): Promise<string> {
    const client = await CaptionClient.open({ url: service.url, ...recording });
    client.send(recording.samples);
    const { code, messages } = await client.finish();
    expect(code).toBe(1000);
    return textOf(messages);
  }

  it('take their row with them while it is decoded', async () => {
    const before = await idle();
    const [recording] = recordings as [SentRecording];
    const client = await CaptionClient.open({ url: service.url, ...recording });
    client.send(recording.samples);
    client.flush();
    while (recogniser.engine.rowsInFlight === 0) await sleep(1);
    client.vanish();
    await client.ended;
    const after = await idle();
    expect(after.cancelledRows - before.cancelledRows).toBe(1);
    expect(after.finishedRows).toBe(before.finishedRows);
  });

  it('take their row with them while an upload is decoded', async () => {
    const before = await idle();
    const [recording] = recordings as [SentRecording];
    const killing = new AbortController();
    const upload = uploadText(service.url, recording, killing.signal);
    while (recogniser.engine.rowsInFlight === 0) await sleep(1);
    killing.abort();
    await expect(upload).rejects.toThrow(/abort/);
    const after = await idle();
    expect(after.cancelledRows - before.cancelledRows).toBe(1);
    expect(after.finishedRows).toBe(before.finishedRows);
  });

  it('at random, are not noticed by others, and leave no row behind', async () => {
    const steady = recordings.slice(0, STEADY_STREAMS);
    const expected = [];
    for (const recording of steady) expected.push(await streamText(recording));
    const expectedUpload = await uploadText(service.url, steady[0] as SentRecording);
    const before = await idle();

    let killed = 0;
    const killInTurn = async (): Promise<void> => {
      while (killed < KILLED_CLIENTS) {
        killed += 1;
        await killOne(drawOf(5, killed), { url: service.url, recordings });
      }
    };
    const killing = Promise.all(Array.from({ length: KILLED_AT_ONCE }, killInTurn));
    const others = await Promise.all([...steady.map(streamText), uploadText(service.url, steady[0] as SentRecording)]);
    await killing;

    expect(others).toEqual([...expected, expectedUpload]);
    const after = await idle();
    expect(after.cancelledRows).toBeGreaterThan(before.cancelledRows);
    expect(after.failedRows).toBe(before.failedRows);
  });

  it('give back their places: as many streams as ever can be opened', async () => {
    const openAll = () =>
      Promise.all(Array.from({ length: MOST_STREAMS }, () => CaptionClient.open({ url: service.url, language: 'es' })));
    for (const round of ['first', 'second']) {
      // a place is free again when the service has seen its client go
      await until('flora_asr_streams_open', 0);
      const clients = await openAll();
      expect([round, await refusedStream(service.url)]).toEqual([round, { status: 429, code: 'too_many_streams' }]);
      for (const client of clients) client.vanish();
    }
  });

  it('give back their places: as many uploads as ever can be begun', async () => {
    for (const round of ['first', 'second']) {
      // the request that asks is one of them
      await until('flora_asr_requests_in_flight', 1);
      const uploads = Array.from({ length: MOST_REQUESTS }, () => unfinishedUpload(service.url));
      await until('flora_asr_requests_in_flight', 1 + MOST_REQUESTS);
      const refused = await refusedUpload(service.url, recordings[0] as SentRecording);
      expect([round, refused]).toEqual([round, { status: 429, code: 'too_many_requests' }]);
      for (const upload of uploads) upload.destroy();
    }
  });

  async function until(metric: string, value: number): Promise<void> {
    for (;;) {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      if (metricSamples(text).get(metric) === value) return;
      await sleep(10);
    }
  }
});

/** A stream or an upload that ends somewhere, by the draw. */
async function killOne(draw: Draw, { url, recordings }: { url: string; recordings: readonly SentRecording[] }): Promise<void> {
  const recording = draw.pick(recordings);
  const afterMs = draw.whole(0, 1_500);
  if (draw.chance(0.3)) {
    const killing = AbortSignal.timeout(afterMs);
    await uploadText(url, recording, killing).catch((error: unknown) => {
      if (!killing.aborted) throw error;
    });
    return;
  }
  const client = await CaptionClient.open({ url, ...recording });
  const sent = recording.samples.subarray(0, draw.whole(0, recording.samples.length));
  client.send(sent);
  if (draw.chance(0.7)) client.flush();
  await sleep(afterMs);
  client.vanish();
  await client.ended;
}
