import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { createAuSink } from '../../../asr/audio/au-sink.ts';

function auFile(samples: readonly number[], { channels = 1, rate = 16_000, samplesAt = 32 } = {}): Buffer {
  const file = Buffer.alloc(samplesAt + 4 * samples.length);
  file.write('.snd', 'latin1');
  for (const [word, value] of [samplesAt, 0xffff_ffff, 6, rate, channels].entries()) file.writeUInt32BE(value, 4 + 4 * word);
  for (const [index, sample] of samples.entries()) file.writeFloatBE(sample, samplesAt + 4 * index);
  return file;
}

/** Writes `file` in pieces of so many bytes. */
async function pour(file: Buffer, pieceBytes: number, maxDurationMs = 1_000) {
  const sink = createAuSink(maxDurationMs);
  const end = finished(sink.stream);
  for (let at = 0; at < file.length; at += pieceBytes) sink.stream.write(file.subarray(at, at + pieceBytes));
  sink.stream.end();
  await end;
  return sink.takeAudio();
}

describe('the AU file that ffmpeg writes', () => {
  it('is read whatever pieces it comes in', async () => {
    const file = auFile([0.5, -0.25, 1, 0.125], { channels: 2 });
    const expected = { channels: [Float32Array.of(0.5, 1), Float32Array.of(-0.25, 0.125)], sampleRateHz: 16_000 };
    for (const pieceBytes of [1, 3, 7, 24, 33, 1_000]) expect(await pour(file, pieceBytes)).toEqual(expected);
  });

  it('may have a header of any length, no samples, and an unfinished last one', async () => {
    expect((await pour(auFile([0.5], { samplesAt: 26 }), 5))?.channels).toEqual([Float32Array.of(0.5)]);
    expect((await pour(auFile([]), 5))?.channels).toEqual([new Float32Array(0)]);
    expect((await pour(auFile([0.5, 1]).subarray(0, -1), 5))?.channels).toEqual([Float32Array.of(0.5)]);
    expect(await pour(Buffer.alloc(0), 5)).toBeNull();
    expect(await pour(auFile([]).subarray(0, 10), 5)).toBeNull();
  });

  it('ends with an error as soon as it is too long, by its duration and not by its bytes', async () => {
    const tenMs = Array.from({ length: 320 }, () => 0.5);
    expect((await pour(auFile(tenMs, { channels: 2 }), 100, 10))?.channels[0]).toHaveLength(160);
    await expect(pour(auFile([...tenMs, 0, 0], { channels: 2 }), 100, 10)).rejects.toMatchObject({ code: 'audio_too_long' });
    await expect(pour(auFile(tenMs), 100, 10)).rejects.toMatchObject({ code: 'audio_too_long' });
  });

  it('is refused if it is something else', async () => {
    await expect(pour(auFile([0.5], { rate: 8_000 }), 9)).rejects.toMatchObject({ code: 'ffmpeg_missing' });
    await expect(pour(Buffer.alloc(40, 'x'), 9)).rejects.toMatchObject({ code: 'ffmpeg_missing' });
  });
});
