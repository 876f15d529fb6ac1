import { describe, expect, it } from 'vitest';
import { Outline } from '../../../client/web/captions/outline.ts';

describe('the outline of audio', () => {
  it('is how loud each piece is, however the audio came', () => {
    const samples = Float32Array.from({ length: 50_000 }, (_, index) => Math.sin(index) * ((index % 100) / 100));
    const whole = new Outline(40);
    whole.push(samples);
    const inPieces = new Outline(40);
    for (let at = 0; at < samples.length; at += 333) inPieces.push(samples.subarray(at, at + 333));
    expect([inPieces.pieces, inPieces.samples]).toEqual([1_250, 50_000]);
    for (let piece = 0; piece < 1_250; piece += 1) {
      const energy = samples.subarray(40 * piece, 40 * piece + 40).reduce((sum, sample) => sum + sample * sample, 0);
      expect(whole.loudnessOf(piece)).toBeCloseTo(Math.sqrt(energy / 40), 5);
      expect(inPieces.loudnessOf(piece)).toBe(whole.loudnessOf(piece));
    }
  });

  it('stays within full scale, and is quiet where there is no audio', () => {
    const outline = new Outline(2);
    outline.push(Float32Array.of(-3, 0.5, 0.5));
    expect([outline.pieces, outline.loudnessOf(0), outline.loudnessOf(2)]).toEqual([2, 1, 0]);
  });
});
