import { describe, expect, it } from 'vitest';
import { audioBytes, bytesPerFrameOf } from '../../../client/sdk/audio-bytes.ts';
import { FrameCutter } from '../../../client/sdk/frame-cutter.ts';

describe('audioBytes', () => {
  it('makes 16-bit samples of floats, rounded and cut off at full scale', () => {
    const bytes = audioBytes(Float32Array.of(0, 0.5, -0.5, 1, -1, 2, -2, 1 / 65_536), 'pcm_s16le');
    expect([...new Int16Array(bytes.buffer)]).toEqual([0, 16_384, -16_384, 32_767, -32_768, 32_767, -32_768, 1]);
  });

  it('makes floats of 16-bit samples where the stream has floats', () => {
    const bytes = audioBytes(Int16Array.of(-32_768, 16_384), 'pcm_f32le');
    expect([...new Float32Array(bytes.buffer)]).toEqual([-1, 0.5]);
  });

  it('copies, so that the caller may use its memory again', () => {
    const samples = Int16Array.of(1, 2, 3);
    const bytes = audioBytes(samples.subarray(1), 'pcm_s16le');
    samples.fill(9);
    expect([...bytes]).toEqual([2, 0, 3, 0]);
  });

  it('takes the bytes of laws as they are, and no samples for them', () => {
    expect(audioBytes(Uint8Array.of(1, 2), 'mulaw')).toEqual(Uint8Array.of(1, 2));
    expect(() => audioBytes(Int16Array.of(1), 'mulaw')).toThrow(
      expect.objectContaining({
        code: 'argument_invalid',
        message: 'A stream in mulaw takes bytes (Uint8Array), not a Int16Array.',
      }),
    );
  });
});

it('a frame is one sample of every channel', () => {
  expect(bytesPerFrameOf({ encoding: 'pcm_f32le', channels: 2 })).toBe(8);
  expect(bytesPerFrameOf({ encoding: 'alaw', channels: 1 })).toBe(1);
});

it('bytes that are cut anywhere are put together to whole frames', () => {
  const cutter = new FrameCutter(4);
  const whole = [[1], [2, 3], [4, 5, 6, 7, 8, 9], [], [10, 11, 12]].map((part) => [...cutter.push(Uint8Array.from(part))]);
  expect(whole).toEqual([[], [], [1, 2, 3, 4, 5, 6, 7, 8], [], [9, 10, 11, 12]]);
});
