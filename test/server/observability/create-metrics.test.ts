import { describe, expect, it } from 'vitest';
import { type EngineStats, zeroCounters } from '../../../asr/engine/engine-stats.ts';
import type { RecognitionResult } from '../../../asr/engine/recognition.ts';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { createMetrics } from '../../../server/observability/create-metrics.ts';
import type { EngineReadings, Metrics, RecognisedUtterance } from '../../../server/observability/metrics.ts';

/** Samples by name and labels, as Prometheus reads them. */
async function scrape(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const { body } = await metrics.exposition();
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

const STATS: EngineStats = {
  finishedRows: 90,
  failedRows: 1,
  cancelledRows: 2,
  retries: 3,
  trips: { repetition: 4, length: 5, silence: 6 },
  encodeBatches: 10,
  encodedRows: 96,
  positions: 9_000,
  paddedPositions: 12_000,
  decodeSteps: 200,
  decodedTokens: 1_500,
  mixedBatches: 7,
  mixedSteps: 150,
  upMilliseconds: 16_000,
  milliseconds: { features: 340, encode: 4_800, join: 40, decode: 3_200, append: 140, script: 70, idle: 10_000 },
};

const READINGS: EngineReadings = { stats: STATS, rowsInFlight: 12, rowsWaiting: 34 };

function utterance(
  changes: Partial<RecognisedUtterance> = {},
  adapter: RecognitionResult['adapter'] = null,
): RecognisedUtterance {
  const timings = { waitMs: 100, featuresMs: 5, encodeMs: 50, decodeMs: 40, totalMs: 200 };
  const result = { text: 'ένα μυστικό', timings, adapter } as RecognitionResult;
  return { protocol: 'stream', language: 'el', audioMs: 1_800, endToFinalMs: 450, result, ...changes };
}

const GREEK = { name: 'greek', version: '1.0.0', digest: 'd'.repeat(64) };

describe('the engine', () => {
  it('shows its totals, in seconds, and what waits', async () => {
    const metrics = createMetrics();
    metrics.watch(async () => READINGS);
    const samples = await scrape(metrics);
    expect(
      Object.fromEntries([...samples].filter(([name]) => /flora_asr_(rows|row_|guard|encoder|decoder|stage)/.test(name))),
    ).toEqual({
      flora_asr_rows_waiting: 34,
      flora_asr_rows_in_flight: 12,
      'flora_asr_rows_total{outcome="finished"}': 90,
      'flora_asr_rows_total{outcome="failed"}': 1,
      'flora_asr_rows_total{outcome="cancelled"}': 2,
      flora_asr_row_retries_total: 3,
      'flora_asr_guard_trips_total{guard="repetition"}': 4,
      'flora_asr_guard_trips_total{guard="length"}': 5,
      'flora_asr_guard_trips_total{guard="silence"}': 6,
      flora_asr_encoder_batches_total: 10,
      flora_asr_encoder_mixed_batches_total: 7,
      flora_asr_encoder_rows_total: 96,
      flora_asr_encoder_positions_asked_total: 9_000,
      flora_asr_encoder_positions_computed_total: 12_000,
      flora_asr_decoder_steps_total: 200,
      flora_asr_decoder_mixed_steps_total: 150,
      flora_asr_decoder_tokens_total: 1_500,
      'flora_asr_stage_seconds_total{stage="features"}': 0.34,
      'flora_asr_stage_seconds_total{stage="encode"}': 4.8,
      'flora_asr_stage_seconds_total{stage="join"}': 0.04,
      'flora_asr_stage_seconds_total{stage="decode"}': 3.2,
      'flora_asr_stage_seconds_total{stage="append"}': 0.14,
      'flora_asr_stage_seconds_total{stage="script"}': 0.07,
      'flora_asr_stage_seconds_total{stage="idle"}': 10,
    });
    expect(samples.get('flora_asr_engine_up')).toBe(1);
  });

  it('shows totals and not sums of them, and lets them fall when it was started again', async () => {
    const metrics = createMetrics();
    let stats: EngineStats = STATS;
    metrics.watch(async () => ({ ...READINGS, stats }));
    await scrape(metrics);
    expect((await scrape(metrics)).get('flora_asr_encoder_rows_total')).toBe(96);
    stats = zeroCounters();
    expect((await scrape(metrics)).get('flora_asr_encoder_rows_total')).toBe(0);
  });

  it('is not up before it runs, and a scrape tells the rest', async () => {
    const metrics = createMetrics();
    metrics.streamOpened();
    expect((await scrape(metrics)).get('flora_asr_engine_up')).toBe(0);
    metrics.watch(async () => null);
    const samples = await scrape(metrics);
    expect(samples.get('flora_asr_engine_up')).toBe(0);
    expect(samples.get('flora_asr_rows_waiting')).toBe(0);
    expect(samples.get('flora_asr_streams_open')).toBe(1);
  });

  it('keeps its totals when it has failed, and is not up', async () => {
    const metrics = createMetrics();
    metrics.watch(async () => READINGS);
    await scrape(metrics);
    metrics.watch(async () => {
      throw new FloraAsrError('engine_closed', 'The engine was closed.');
    });
    const samples = await scrape(metrics);
    expect(samples.get('flora_asr_engine_up')).toBe(0);
    expect(samples.get('flora_asr_encoder_rows_total')).toBe(96);
    expect(samples.get('flora_asr_rows_in_flight')).toBe(0);
  });

  it('holds no scrape up when it does not answer, and is asked once by all of them', async () => {
    const metrics = createMetrics({ patienceMs: 1 });
    let asked = 0;
    let answer: (readings: EngineReadings) => void = () => undefined;
    metrics.watch(() => {
      asked += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    await Promise.all([scrape(metrics), scrape(metrics)]);
    expect((await scrape(metrics)).get('flora_asr_encoder_rows_total')).toBe(0);
    expect(asked).toBe(1);
    answer(READINGS);
    expect((await scrape(metrics)).get('flora_asr_encoder_rows_total')).toBe(96);
  });

  it('says which model it runs, and how, where that is told', async () => {
    const metrics = createMetrics();
    const runtime = {
      provider: 'cpu',
      providerReason: 'no GPU',
      computeType: { precision: 'int8', reason: 'as exact' },
      threads: 2,
    } as unknown as NonNullable<EngineReadings['model']>['runtime'];
    metrics.watch(async () => ({ ...READINGS, model: { name: 'whisper-base', runtime } }));
    expect(
      (await scrape(metrics)).get('flora_asr_model_info{model="whisper-base",provider="cpu",compute_type="int8",threads="2"}'),
    ).toBe(1);
  });
});

describe('utterances', () => {
  it('are timed and measured by protocol, language and adapter', async () => {
    const metrics = createMetrics();
    metrics.recognised(utterance({}, GREEK));
    metrics.recognised(utterance({ endToFinalMs: 1_050, audioMs: 3_000 }, GREEK));
    metrics.recognised(utterance({ protocol: 'rest', language: 'es-419' }));
    const samples = await scrape(metrics);
    const greek = 'protocol="stream",language="el",adapter="greek@1.0.0"';
    expect(samples.get(`flora_asr_end_to_final_seconds_count{${greek}}`)).toBe(2);
    expect(samples.get(`flora_asr_end_to_final_seconds_sum{${greek}}`)).toBeCloseTo(1.5);
    expect(samples.get(`flora_asr_end_to_final_seconds_bucket{le="0.5",${greek}}`)).toBe(1);
    expect(samples.get(`flora_asr_end_to_final_seconds_bucket{le="1.5",${greek}}`)).toBe(2);
    expect(samples.get(`flora_asr_audio_seconds_total{${greek}}`)).toBeCloseTo(4.8);
    const spanish = 'protocol="rest",language="es",adapter="none"';
    expect(samples.get(`flora_asr_audio_seconds_total{${spanish}}`)).toBeCloseTo(1.8);
  });

  it('have waited for all that was not work of the engine on them', async () => {
    const metrics = createMetrics();
    metrics.recognised(utterance({ endToFinalMs: 450 })); // 200 in the engine, of these 100 before the batch
    metrics.recognised(utterance({ protocol: 'rest', endToFinalMs: 50 })); // clocks of two threads disagree
    const samples = await scrape(metrics);
    expect(samples.get('flora_asr_wait_seconds_sum{protocol="stream",language="el",adapter="none"}')).toBeCloseTo(0.35);
    expect(samples.get('flora_asr_wait_seconds_sum{protocol="rest",language="el",adapter="none"}')).toBe(0);
  });

  it('make no more series than there are languages, whatever tags they come with', async () => {
    const metrics = createMetrics();
    for (const language of ['el', 'el-GR', 'EL', 'el-Grek-CY', 'not a tag!', 'another, worse'])
      metrics.recognised(utterance({ language }));
    for (const letter of 'abcdefghij') {
      for (const second of 'abcdefghijklmnopqrst') metrics.recognised(utterance({ language: `${letter}${second}` }));
    }
    const languages = new Set(
      [...(await scrape(metrics)).keys()].flatMap((name) => /language="([^"]*)"/.exec(name)?.[1] ?? []),
    );
    expect(languages).toContain('el');
    expect(languages).toContain('other');
    expect(languages.size).toBeLessThanOrEqual(129);
  });

  it('make no more series than that when adapters come and go for years', async () => {
    const metrics = createMetrics();
    for (let patch = 0; patch < 300; patch += 1) metrics.recognised(utterance({}, { ...GREEK, version: `1.0.${patch}` }));
    const adapters = [...(await scrape(metrics)).keys()].filter((name) => name.startsWith('flora_asr_audio_seconds_total'));
    expect(adapters).toHaveLength(257);
  });
});

describe('traffic', () => {
  it('is counted: requests with their durations, streams with what they were closed by, refusals with their codes', async () => {
    const metrics = createMetrics();
    metrics.requestStarted();
    metrics.requestStarted();
    metrics.requestEnded({ route: '/v1/models/:id', status: 404, durationMs: 20 });
    metrics.refused('rest', 'model_not_found');
    metrics.refused('stream', 'start_missing');
    metrics.refused('stream', 'start_missing');
    metrics.streamOpened();
    metrics.streamOpened();
    metrics.streamClosed({ protocol: 'stream', reason: 'finish', audioMs: 61_500 });
    const samples = await scrape(metrics);
    expect(samples.get('flora_asr_requests_in_flight')).toBe(1);
    expect(samples.get('flora_asr_request_duration_seconds_sum{route="/v1/models/:id",status="404"}')).toBeCloseTo(0.02);
    expect(samples.get('flora_asr_request_duration_seconds_count{route="/v1/models/:id",status="404"}')).toBe(1);
    expect(samples.get('flora_asr_refusals_total{protocol="rest",code="model_not_found"}')).toBe(1);
    expect(samples.get('flora_asr_refusals_total{protocol="stream",code="start_missing"}')).toBe(2);
    expect(samples.get('flora_asr_streams_open')).toBe(1);
    expect(samples.get('flora_asr_streams_closed_total{protocol="stream",reason="finish"}')).toBe(1);
    expect(samples.get('flora_asr_stream_audio_seconds_total{protocol="stream"}')).toBe(61.5);
  });

  it('has streams without a connection, those that were resumed, and partials', async () => {
    const metrics = createMetrics();
    metrics.streamOpened();
    metrics.streamsDetached(1);
    metrics.streamOpened();
    metrics.streamMerged();
    metrics.partial({ protocol: 'stream', told: true });
    metrics.partial({ protocol: 'deepgram', told: false });
    const samples = await scrape(metrics);
    expect(samples.get('flora_asr_streams_open')).toBe(1);
    expect(samples.get('flora_asr_streams_detached')).toBe(1);
    expect(samples.get('flora_asr_streams_resumed_total')).toBe(1);
    expect(samples.get('flora_asr_partials_total{protocol="stream",outcome="told"}')).toBe(1);
    expect(samples.get('flora_asr_partials_total{protocol="deepgram",outcome="shed"}')).toBe(1);
  });

  it('makes few series even if paths and reasons came from clients', async () => {
    const metrics = createMetrics();
    for (let index = 0; index < 200; index += 1) {
      metrics.requestEnded({ route: `/${index}`, status: 404, durationMs: 1 });
      metrics.streamClosed({ protocol: 'stream', reason: `because of ${index}`, audioMs: 0 });
    }
    const names = [...(await scrape(metrics)).keys()];
    expect(names.filter((name) => name.startsWith('flora_asr_request_duration_seconds_count'))).toHaveLength(65);
    expect(names.filter((name) => name.startsWith('flora_asr_streams_closed_total'))).toHaveLength(33);
  });
});

it('keeps to Prometheus’ conventions', async () => {
  const { body } = await createMetrics().exposition();
  const types = [...body.matchAll(/^# TYPE (flora_asr_\S+) (\w+)$/gm)].map(([, name = '', type]) => ({ name, type }));
  expect(types.length).toBeGreaterThan(20);
  for (const { name, type } of types) {
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    expect(name, 'base units only').not.toMatch(/milli|minutes|percent|kilo|mega|_ms(_|$)/);
  }
});

it('holds nothing in common with another instance', async () => {
  const one = createMetrics();
  const other = createMetrics();
  one.streamOpened();
  expect((await scrape(other)).get('flora_asr_streams_open')).toBe(0);
});

it('is text for Prometheus, with the metrics of the process and without a word that was said', async () => {
  const metrics = createMetrics();
  metrics.watch(async () => READINGS);
  metrics.recognised(utterance({}, GREEK));
  const { contentType, body } = await metrics.exposition();
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(body).toMatch(/^process_cpu_seconds_total \d/m);
  expect(body).toMatch(/^nodejs_eventloop_lag_seconds \d/m);
  expect(body).toMatch(/^flora_asr_build_info\{version="\d+\.\d+\.\d+",node="\d+\.\d+\.\d+"\} 1$/m);
  expect(body).not.toContain('μυστικό');
});
