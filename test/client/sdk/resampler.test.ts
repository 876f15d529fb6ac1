import { describe, expect, it } from 'vitest';
import { Resampler } from '../../../client/sdk/resampler.ts';

const tone = (hz: number, rateHz: number, seconds: number) =>
  Float32Array.from({ length: rateHz * seconds }, (_, index) => Math.sin((2 * Math.PI * hz * index) / rateHz));
const rms = (samples: ArrayLike<number>) =>
  Math.sqrt(Array.from(samples, (x) => x * x).reduce((a, b) => a + b, 0) / samples.length);

describe('the resampler of microphones', () => {
  it.each([48_000, 44_100, 96_000, 8_000])('from %d Hz keeps a voice as it is', (rateHz) => {
    const heard = new Resampler(rateHz, 16_000).push(tone(1_000, rateHz, 1));
    const wanted = tone(1_000, 16_000, 1);
    const middle = Array.from(
      { length: 12_000 },
      (_, index) => (heard[index + 2_000] as number) - (wanted[index + 2_000] as number),
    );
    expect(rms(middle)).toBeLessThan(0.01);
    expect(heard.length).toBeGreaterThan(15_900);
  });

  it('leaves nothing of what the lower rate cannot carry', () => {
    const heard = new Resampler(48_000, 16_000).push(tone(9_000, 48_000, 1));
    expect(rms(heard.subarray(1_000))).toBeLessThan(0.001);
  });

  it('gives the same whatever the pieces are', () => {
    const signal = tone(700, 44_100, 1);
    const whole = new Resampler(44_100, 16_000).push(signal);
    const pieces = new Resampler(44_100, 16_000);
    const joined: number[] = [];
    for (let at = 0, size = 1; at < signal.length; at += size, size = (size * 7) % 4_097)
      joined.push(...pieces.push(signal.subarray(at, at + size)));
    expect(Float32Array.from(joined)).toEqual(whole);
  });
});
