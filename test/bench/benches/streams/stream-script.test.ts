import { describe, expect, it } from 'vitest';
import { drawOf } from '../../../../bench/benches/draw.ts';
import { roomNoise, type StreamScript, scriptFrames, streamScript } from '../../../../bench/benches/streams/stream-script.ts';
import { recording } from './recording.ts';

const SECOND = 16_000;
const RECORDINGS = [1, 2, 3, 4, 5].map((number) =>
  recording({ id: `r${number}`, length: number * 4_000, value: 1_000 * number }),
);

function scriptWith(seed: number, rest: { seconds?: number; silenceMs?: number } = {}): StreamScript {
  return streamScript({
    recordings: RECORDINGS,
    seconds: 60,
    silenceMs: 500,
    pausesMs: [1_000, 2_500],
    ...rest,
    draw: drawOf(seed, 0),
  });
}

function idsOf({ placed }: StreamScript): readonly string[] {
  return placed.map(({ recording: { utterance } }) => utterance.id);
}

function pausesOf({ placed, totalSamples }: StreamScript): { readonly before: readonly number[]; readonly last: number } {
  const ends = [0, ...placed.map(({ startSample, recording: { samples } }) => startSample + samples.length)];
  return {
    before: placed.map(({ startSample }, index) => (startSample - (ends[index] as number)) / SECOND),
    last: (totalSamples - (ends.at(-1) as number)) / SECOND,
  };
}

describe('the script of a stream', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(scriptWith(1)).toEqual(scriptWith(1));
    expect(idsOf(scriptWith(1))).not.toEqual(idsOf(scriptWith(2)));
  });

  it('has pauses of 1 to 2.5 s around all recordings, and ends in one', () => {
    const { before, last } = pausesOf(scriptWith(3));
    expect(before.length).toBeGreaterThan(10);
    for (const pause of before) {
      expect(pause).toBeGreaterThanOrEqual(1);
      expect(pause).toBeLessThanOrEqual(2.5);
    }
    expect(last).toBeGreaterThanOrEqual(1);
  });

  it('has longer pauses where more silence ends an utterance', () => {
    const { before, last } = pausesOf(scriptWith(3, { silenceMs: 2_000 }));
    for (const pause of [...before, last]) expect(pause).toBeGreaterThanOrEqual(2.5);
  });

  it('plays every recording once before it plays one again', () => {
    const ids = idsOf(scriptWith(4));
    expect(new Set(ids.slice(0, 5)).size).toBe(5);
    expect(new Set(ids.slice(5, 10)).size).toBe(5);
    expect(ids.slice(0, 5)).not.toEqual(ids.slice(5, 10));
  });

  it('is as long as asked, without recordings that are too long for it', () => {
    expect(scriptWith(5, { seconds: 60 }).totalSamples).toBe(60 * SECOND);
    // pauses of 1 s and 2.5 s leave room for the shortest two
    for (const seed of [1, 2, 3, 4, 5]) {
      const ids = idsOf(scriptWith(seed, { seconds: 4 }));
      expect(ids.length).toBeGreaterThan(0);
      expect(['r1', 'r2']).toEqual(expect.arrayContaining([...ids]));
    }
    expect(scriptWith(5, { seconds: 1 }).placed).toEqual([]);
  });
});

describe('the frames of a script', () => {
  const noise = Int16Array.of(1, 2, 3, 4, 5, 6, 7);
  const script = scriptWith(6, { seconds: 20 });
  const joined = (frameSamples: number) => {
    const frames = [...scriptFrames(script, frameSamples, noise)];
    // bytes: large arrays of numbers are compared slowly
    return { frames, bytes: Buffer.concat(frames.map(({ buffer }) => Buffer.from(buffer))) };
  };

  it('are its recordings, and noise everywhere else', () => {
    const expected = Int16Array.from({ length: script.totalSamples }, (_, at) => noise[at % noise.length] as number);
    for (const { recording: played, startSample } of script.placed) expected.set(played.samples, startSample);
    expect(joined(640).bytes.equals(Buffer.from(expected.buffer))).toBe(true);
  });

  it('give the same audio, however long they are', () => {
    const { bytes } = joined(320);
    expect(joined(1_601).bytes.equals(bytes)).toBe(true);
    // longer than most recordings with their pauses, too
    expect(joined(50_000).bytes.equals(bytes)).toBe(true);
  });

  it('are of one length, but for the last', () => {
    const lengths = joined(3_000).frames.map((frame) => frame.length);
    expect(new Set(lengths.slice(0, -1))).toEqual(new Set([3_000]));
    expect(lengths.at(-1)).toBe(script.totalSamples % 3_000);
  });
});

describe('the noise of a room', () => {
  it('is quiet, without an offset, and not silent', () => {
    const noise = roomNoise(drawOf(1, 1));
    const mean = noise.reduce((sum, sample) => sum + sample, 0) / noise.length;
    expect(Math.abs(mean)).toBeLessThan(1);
    expect(Math.max(...noise.map(Math.abs))).toBe(16);
  });
});
