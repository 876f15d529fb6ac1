import { describe, expect, it } from 'vitest';
import { noiseFloor, peakOf, scaled, speechLevel, toAmplitude, toDecibels } from '../../../bench/training/loudness.ts';
import { sine } from '../../asr/audio/signals.ts';

const TONE = sine(400, { rate: 16_000, length: 16_000, amplitude: 0.5 });

describe('loudness', () => {
  it('is 6 dB for twice the amplitude', () => {
    expect(toDecibels(2)).toBeCloseTo(6.02, 2);
    expect(toAmplitude(toDecibels(0.3))).toBeCloseTo(0.3, 12);
  });

  it('counts the speech and not the pauses', () => {
    const withPause = new Float32Array(48_000);
    withPause.set(TONE, 16_000);
    expect(speechLevel(TONE)).toBeCloseTo(0.5 / Math.SQRT2, 4);
    expect(speechLevel(withPause)).toBeCloseTo(0.5 / Math.SQRT2, 4);
    expect(noiseFloor(withPause)).toBe(0);
  });

  it('is 0 of silence, and of nothing', () => {
    for (const samples of [new Float32Array(0), new Float32Array(100), new Float32Array(1_000)]) {
      expect(speechLevel(samples)).toBe(0);
      expect(noiseFloor(samples)).toBe(0);
    }
    expect(speechLevel(new Float32Array(10).fill(0.25))).toBe(0.25);
  });

  it('never leaves [-1, 1]: what would is turned down', () => {
    expect(peakOf(scaled(TONE, 0.1))).toBeCloseTo(0.05, 3);
    expect(peakOf(scaled(TONE, 10))).toBeCloseTo(1, 6);
    expect(scaled(new Float32Array(4), 10)).toEqual(new Float32Array(4));
  });
});
