import { describe, expect, it } from 'vitest';
import type { ReceivedFinal } from '../../../bench/benches/streams/stream-client.ts';
import { liveSystems, matchSent } from '../../../bench/wer/live-systems.ts';
import { serveStreams } from '../../server/stream/serve-streams.ts';
import { createTestService } from '../../support/test-service.ts';
import { samplesOf, utterance } from './spoken-utterances.ts';

function final(start: number, end: number, text: string, receivedMs: number): ReceivedFinal {
  const timings = { wait_ms: 1, encode_ms: 20, decode_ms: 30, total_ms: 51 };
  const about = { sequence: 0, channel: 0, language: 'es', confidence: null, adapter: null, ended_by: 'flush' } as const;
  return { message: { type: 'final', ...about, start, end, text, timings }, receivedMs };
}

describe('finals of a live stream', () => {
  const sent = [
    { said: 'a', startMs: 0, endMs: 1_000, flushedMs: 5_000 },
    { said: 'b', startMs: 1_000, endMs: 1_500, flushedMs: 5_500 },
    { said: 'c', startMs: 1_500, endMs: 40_000, flushedMs: 44_000 },
  ];

  it('belong to the utterance that they lie in; long ones have several', () => {
    const finals = [final(0, 1, 'uno', 5_100), final(1.5, 31.5, 'dos', 36_000), final(31.5, 40, 'tres', 44_250)];
    expect(matchSent(sent, finals)).toMatchObject([
      { text: 'uno', latencyMs: 100, seconds: 0.05 },
      { text: null, error: 'tool_failed' },
      { text: 'dos tres', latencyMs: 250, seconds: 0.1 },
    ]);
  });
});

describe('a live system', () => {
  it('plays each language on a connection of its own, and gives texts in the order of the utterances', async () => {
    const hear = ({ language, samples }: { language: string; samples: Float32Array }) => `${language} ${samples.length}`;
    const { url } = await serveStreams(createTestService({ hear }));
    const spoken = [
      utterance({ id: 'a', durationSeconds: 0.25 }),
      utterance({ id: 'b', language: 'el', durationSeconds: 0.2 }),
      utterance({ id: 'c', durationSeconds: 0.1 }),
    ];
    const { base, adapter } = liveSystems({ url, adapters: new Map(), samplesOf, signal: new AbortController().signal });
    const played: number[] = [];
    const hypotheses = await base.hear(spoken, { onCached: () => undefined, onDone: (done) => played.push(done) });
    expect(hypotheses.map(({ text }) => text)).toEqual(['es 4000', 'el 3200', 'es 1600']);
    expect(hypotheses.every(({ latencyMs }) => latencyMs !== null && latencyMs >= 0)).toBe(true);
    expect(played).toEqual([1, 2, 3]);
    expect(adapter.serves('es')).toBe(false);
  });
});
