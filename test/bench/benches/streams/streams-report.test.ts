import { describe, expect, it } from 'vitest';
import { type EngineStats, zeroCounters } from '../../../../asr/engine/engine-stats.ts';
import { percentiles } from '../../../../bench/benches/streams/percentiles.ts';
import type { ReceivedFinal, StreamRecord } from '../../../../bench/benches/streams/stream-client.ts';
import type { StreamOutcome } from '../../../../bench/benches/streams/stream-outcome.ts';
import { type StreamsMeasurement, streamsReport, type TimedReading } from '../../../../bench/benches/streams/streams-report.ts';
import { streamsText } from '../../../../bench/benches/streams/streams-text.ts';
import type { FinalMessage } from '../../../../server/protocol/stream-messages.ts';

/** Of speech from `start` + 0.3 s to `end` - 0.3 s. */
function final(sequence: number, receivedMs: number, rest: Partial<FinalMessage> = {}): ReceivedFinal {
  const message: FinalMessage = {
    type: 'final',
    sequence,
    channel: 0,
    text: 'a word',
    start: 0.7,
    end: 2.3,
    language: 'el',
    confidence: 0.5,
    adapter: { name: 'bench-el', version: '1.0.0', digest: 'sha256:00' },
    ended_by: 'pause',
    timings: { wait_ms: 10, encode_ms: 30, decode_ms: 40, total_ms: 100 },
    ...rest,
  };
  return { message, receivedMs };
}

const CLOSED: StreamRecord['closed'] = { type: 'closed', reason: 'finish', audio: 10, finals: 1 };

function outcome(record: Partial<StreamRecord>, language = 'el'): StreamOutcome {
  const speech = [{ startMs: 1_000, endMs: 2_000 }];
  return {
    language,
    spoken: [{ id: `${language} 1`, sure: speech, speech }],
    record: { partials: [], finals: [final(0, 52_700)], errors: [], speechStarted: 1, closed: CLOSED, ...record },
    // the stream began at 50 s of the clock
    sentMs: (placeMs) => 50_000 + placeMs,
  };
}

function reading(atSeconds: number, mebibytes: number, rest: Partial<TimedReading> = {}): TimedReading {
  return { atSeconds, residentBytes: mebibytes * 2 ** 20, cpuSeconds: 3, stats: zeroCounters(), ...rest };
}

const WORKED: EngineStats = {
  ...zeroCounters(),
  finishedRows: 2,
  encodeBatches: 4,
  encodedRows: 10,
  mixedBatches: 3,
  decodeSteps: 20,
  decodedTokens: 120,
  mixedSteps: 5,
  milliseconds: { features: 100, encode: 4_000, join: 0, decode: 2_000, append: 0, script: 0, idle: 3_000 },
};

function measurement(rest: Partial<StreamsMeasurement> = {}): StreamsMeasurement {
  return {
    outcomes: [outcome({}), outcome({}, 'fr')],
    readings: [reading(0, 500), reading(10, 600, { cpuSeconds: 18, stats: WORKED })],
    playedSeconds: 9,
    audioSeconds: 20,
    driver: { lagsMs: [0, 1, 2, 3, 4], cpuSeconds: 1 },
    ...rest,
  };
}

describe('percentiles', () => {
  it('are what half, 95 % and all of the values are at most', () => {
    expect(percentiles(Array.from({ length: 101 }, (_, i) => 100 - i))).toEqual({ count: 101, p50: 50, p95: 95, max: 100 });
  });

  it('are nothing of nothing', () => {
    expect(percentiles([])).toEqual({ count: 0, p50: null, p95: null, max: null });
  });
});

describe('the streams report', () => {
  it('has nothing lost, duplicated or out of order where all came as it should', () => {
    expect(streamsReport(measurement())).toMatchObject({
      lost: 0,
      duplicated: 0,
      outOfOrder: 0,
      utterances: {
        recordings: 2,
        finals: 2,
        unanswered: 0,
        unfinishedStreams: 0,
        errors: {},
        withoutText: 0,
        withoutSpeech: 0,
      },
    });
  });

  it('tells latency from the end of speech, and from the endpoint', () => {
    const report = streamsReport(measurement({ outcomes: [outcome({}), outcome({ finals: [final(0, 52_900)] })] }));
    // sent at 52 s
    expect(report.speechEndToFinalMs).toMatchObject({ count: 2, p50: 800, max: 900 });
    expect(report.endpointToFinalMs).toMatchObject({ count: 2, p50: 100, max: 100 });
  });

  it('leaves finals out of it that waited for no silence', () => {
    const ended = (endedBy: FinalMessage['ended_by']) => outcome({ finals: [final(0, 52_100, { ended_by: endedBy })] });
    const report = streamsReport(measurement({ outcomes: [outcome({}), ended('finish'), ended('length')] }));
    expect(report.speechEndToFinalMs).toMatchObject({ count: 1, p50: 700 });
    expect(report.endpointToFinalMs).toMatchObject({ count: 1 });
    expect(report.utterances.endedBy).toEqual({ pause: 1, finish: 1, length: 1 });
  });

  it('counts what went wrong, by kind', () => {
    const error = {
      type: 'error',
      code: 'engine_failed',
      message: 'It failed.',
      param: null,
      retryable: true,
      fatal: false,
      sequence: 0,
      channel: 0,
      start: 0.7,
      end: 2.3,
    } as const;
    const outcomes = [
      outcome({ finals: [], errors: [error] }),
      outcome({ finals: [], closed: null }),
      outcome({ finals: [final(0, 52_700), final(0, 52_800)] }),
      outcome({ finals: [final(1, 52_700)] }),
      outcome({ finals: [final(0, 52_700, { text: ' ' }), final(1, 55_000, { start: 3, end: 4 })], speechStarted: 2 }),
    ];
    const report = streamsReport(measurement({ outcomes }));
    expect(report).toMatchObject({ lost: 2, duplicated: 1, outOfOrder: 1 });
    expect(report.utterances).toMatchObject({
      lostRecordings: ['el 1', 'el 1'],
      unanswered: 1,
      unfinishedStreams: 1,
      errors: { engine_failed: 1 },
      withoutText: 1,
      withoutSpeech: 1,
    });
    const text = streamsText(report);
    expect(text).toContain('lost 2, duplicated 1, out of order 1; unanswered 1; streams cut off 1');
    expect(text).toContain('engine_failed 1');
  });

  it('tells batch fill, mixed batches, and what the service used', () => {
    const report = streamsReport(measurement());
    expect(report).toMatchObject({ rowsPerEncodeBatch: 2.5, rowsPerDecodeStep: 6, mixedBatches: 0.75, mixedSteps: 0.25 });
    expect(report.realTimeFactor).toBeCloseTo(15 / 20);
    expect(report.service.cores).toBeCloseTo(1.5);
    expect(report.service.stageShares['encode']).toBeCloseTo(0.4);
    expect(report.service.stageShares['idle']).toBeCloseTo(0.3);
    expect(report.driver).toMatchObject({ lagMs: { p50: 2, max: 4 }, cores: 0.1 });
  });

  it('tells each language, and what decoded it', () => {
    const base = outcome({ finals: [final(0, 53_000, { adapter: null })] }, 'fr');
    const { perLanguage } = streamsReport(measurement({ outcomes: [outcome({}), base, outcome({ finals: [] })] }));
    expect(perLanguage).toMatchObject([
      { language: 'el', streams: 2, recordings: 2, finals: 1, lost: 1, adapters: ['bench-el'] },
      { language: 'fr', streams: 1, recordings: 1, finals: 1, lost: 0, adapters: [null], speechEndToFinalMs: { p50: 1_000 } },
    ]);
  });

  it('reads as text when nothing came at all', () => {
    const nothing = outcome({ finals: [], speechStarted: 0, closed: null });
    const report = streamsReport(measurement({ outcomes: [nothing], readings: [reading(0, 500), reading(10, 500)] }));
    expect(streamsText(report)).toContain('End of speech to final:  p50 - ms');
  });
});

describe('the resident size', () => {
  const sizes = (seconds: number, sizeAt: (atSeconds: number) => number) => {
    const later = Array.from({ length: seconds / 10 }, (_, i) => reading(10 * (i + 1), sizeAt(10 * (i + 1))));
    // all streams have ended: what is given back then does not count
    return measurement({ readings: [reading(0, 400), ...later, reading(seconds + 2, 300)], playedSeconds: seconds + 1 });
  };

  it('is compared with that at 5 minutes, while audio comes', () => {
    const report = streamsReport(sizes(1_200, (at) => 480 + at / 15));
    expect(report.residentRatio).toBeCloseTo(560 / 500);
    expect(report.resident).toMatchObject({ start: 400, atFiveMinutes: 500, end: 560, most: 560 });
    expect(streamsText(report)).toContain('400 MiB at the start, 500 after 5 minutes, 560 at the end (12.0 % above it)');
  });

  it('is compared with nothing in a run that ends before 10 minutes', () => {
    const report = streamsReport(sizes(120, () => 480));
    expect(report.residentRatio).toBeNull();
    expect(report.resident).toMatchObject({ atFiveMinutes: null, end: 480 });
  });
});
