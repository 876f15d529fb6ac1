import { describe, expect, it } from 'vitest';
import { drawOf } from '../../../../bench/benches/draw.ts';
import { joinRecordings } from '../../../../bench/benches/long-file/join-recordings.ts';
import { onsetErrors } from '../../../../bench/benches/long-file/word-onsets.ts';
import type { Recording } from '../../../../bench/benches/streams/recordings.ts';

function recordingOf(seconds: number, onsetSeconds: number): Recording {
  const samples = new Int16Array(16_000 * seconds).fill(1_000);
  const utterance = {
    id: `${seconds}`,
    audioPath: `${seconds}.wav`,
    text: 'a',
    language: 'es',
    split: 'test',
    spoken: true,
    durationSeconds: seconds,
  } as const;
  const speech = [{ startSample: 16_000 * onsetSeconds, endSample: samples.length }];
  return { utterance, samples, speech, tokenCount: 1 };
}

describe('a long recording', () => {
  const recordings = [recordingOf(1, 0.25), recordingOf(2, 0.5)];
  const joined = joinRecordings(recordings, { seconds: 10, pausesMs: [500, 500], draw: drawOf(1, 0) });

  it('has its recordings one after the other, from the first again, and pauses between them', () => {
    expect(joined.samples).toHaveLength(160_000);
    expect(joined.parts.map(({ startMs, endMs, onsetMs }) => [startMs, endMs, onsetMs])).toEqual([
      [500, 1_500, 750],
      [2_000, 4_000, 2_500],
      [4_500, 5_500, 4_750],
      [6_000, 8_000, 6_500],
      [8_500, 9_500, 8_750],
    ]);
    expect(joined.samples[16_000]).toBeCloseTo(1_000 / 32_768);
    expect(joined.samples[25_000]).toBe(0);
  });

  it('tells how far first words are from where speech begins, of parts that have words', () => {
    const words = [
      { text: 'un', startMs: 800, endMs: 1_000 },
      { text: 'gato', startMs: 1_000, endMs: 1_400 },
      { text: 'dos', startMs: 2_400, endMs: 2_900 },
      { text: 'tres', startMs: 8_700, endMs: 9_000 },
    ];
    expect(onsetErrors(joined.parts, words)).toEqual([50, -100, -50]);
  });
});
