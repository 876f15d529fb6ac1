import { describe, expect, it } from 'vitest';
import { Peaks } from '../../../client/web/captions/peaks.ts';

describe('the outline of audio', () => {
  it('has the loudest sample of each piece, however the audio came', () => {
    const samples = Float32Array.from({ length: 10_000 }, (_, index) => Math.sin(index) * ((index % 100) / 100));
    const whole = new Peaks(40);
    whole.push(samples);
    const pieces = new Peaks(40);
    for (let at = 0; at < samples.length; at += 333) pieces.push(samples.subarray(at, at + 333));
    expect([pieces.length, pieces.samples]).toEqual([250, 10_000]);
    for (let index = 0; index < 250; index += 1) {
      const loudest = Math.max(...samples.subarray(40 * index, 40 * index + 40).map(Math.abs));
      expect(whole.at(index)).toBeCloseTo(loudest, 6);
      expect(pieces.at(index)).toBe(whole.at(index));
    }
  });

  it('stays within full scale, and is quiet where there is no audio', () => {
    const peaks = new Peaks(2);
    peaks.push(Float32Array.of(-3, 0.5, 0.25));
    expect([peaks.length, peaks.at(0), peaks.at(1), peaks.at(2)]).toEqual([2, 1, 0.25, 0]);
  });
});
