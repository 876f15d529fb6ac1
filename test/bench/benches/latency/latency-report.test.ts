import { describe, expect, it } from 'vitest';
import { zeroCounters } from '../../../../asr/engine/engine-stats.ts';
import { latencyPlot } from '../../../../bench/benches/latency/latency-plot.ts';
import { captionReport } from '../../../../bench/benches/latency/latency-report.ts';
import type { ReceivedFinal, ReceivedPartial } from '../../../../bench/benches/streams/stream-client.ts';
import type { StreamsMeasurement, TimedReading } from '../../../../bench/benches/streams/streams-report.ts';

function final(
  sequence: number,
  { at, text, from, to }: { at: number; text: string; from: number; to: number },
): ReceivedFinal {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    start: from + index,
    end: from + index + 1,
    confidence: 0.9,
  }));
  return {
    receivedMs: at,
    message: {
      type: 'final',
      sequence,
      channel: 0,
      text,
      start: from,
      end: to,
      language: 'es',
      words,
      confidence: 0.9,
      adapter: null,
      ended_by: 'pause',
      timings: { wait_ms: 1, encode_ms: 50, decode_ms: 49, total_ms: 100 },
    },
  };
}

function partial(at: number, text: string, from: number): ReceivedPartial {
  const message = { type: 'partial', channel: 0, text, stable_length: 0, start: from, end: from + 1, language: 'es' } as const;
  return { receivedMs: at, message };
}

function reading(atSeconds: number): TimedReading {
  return { atSeconds, residentBytes: 2 ** 30, cpuSeconds: atSeconds, stats: zeroCounters() };
}

/** Two recordings, at 1 to 3 s and at 6 to 8 s of a stream that began at 50 s of the clock. */
function measurement(): StreamsMeasurement {
  const spoken = [1_000, 6_000].map((startMs) => {
    const speech = [{ startMs, endMs: startMs + 2_000 }];
    return { id: `es ${startMs}`, sure: speech, speech };
  });
  return {
    outcomes: [
      {
        language: 'es',
        spoken,
        record: {
          partials: [partial(52_000, 'un', 1), partial(53_100, 'un pato', 1), partial(56_800, 'dos', 6)],
          finals: [
            final(0, { at: 53_900, text: 'un gato', from: 1, to: 3.5 }),
            final(1, { at: 58_900, text: 'dos gatos', from: 6, to: 8.5 }),
          ],
          errors: [],
          speechStarted: 2,
          closed: { type: 'closed', reason: 'finish', audio: 10, finals: 2 },
        },
        sentMs: (placeMs) => 50_000 + placeMs,
      },
    ],
    readings: [reading(0), reading(10)],
    playedSeconds: 10,
    audioSeconds: 10,
    driver: { lagsMs: [1], cpuSeconds: 1 },
  };
}

describe('the report on captions', () => {
  it('takes the partials between two finals for those of the second', () => {
    const report = captionReport(measurement(), 1);
    expect(report).toMatchObject({ streams: 1, finals: 2, lost: 0, withPartials: 1, partialsPerUtterance: 1.5 });
  });

  it('counts from when the speech was sent', () => {
    const { firstPartialMs, wordLagMs } = captionReport(measurement(), 1);
    expect(firstPartialMs).toMatchObject({ count: 2, p50: 900, max: 1_000 });
    // un 0, gato 900, dos -200, gatos 900
    expect(wordLagMs).toMatchObject({ count: 4, p50: 450, max: 900 });
  });

  it('tells the share of words that changed', () => {
    expect(captionReport(measurement(), 1)).toMatchObject({ shownWords: 3, changedWords: 1 / 3, rewrittenWords: 1 / 3 });
  });

  it('can be drawn', () => {
    const plot = latencyPlot([captionReport(measurement(), 1), captionReport(measurement(), 8)]);
    expect(plot).toMatch(/^<svg /);
    expect(plot.match(/<polyline/g)).toHaveLength(6);
    expect(plot).not.toContain('NaN');
  });
});
