import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quietestPlace } from '../../../asr/audio/quietest-place.ts';
import { sine } from './signals.ts';

const RATE = 16_000;

describe('the quietest place', () => {
  it('lies in the middle of a pause', () => {
    const signal = sine(220, { rate: RATE, length: 8 * RATE });
    signal.fill(0, 3.4 * RATE, 3.5 * RATE);
    expect(quietestPlace(signal)).toBe(3.45 * RATE);
  });

  it('is the last of equals', () => {
    expect(quietestPlace(new Float32Array(8 * RATE))).toBe(7.95 * RATE);
  });

  it('is the middle of what is too short to search', () => {
    expect(quietestPlace(new Float32Array(1_000))).toBe(500);
  });

  it('has no quieter 100 ms around it than anywhere else', () => {
    const levels = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 10, maxLength: 60 });
    fc.assert(
      fc.property(levels, (loudness) => {
        // a new level every 10 ms
        const signal = Float32Array.from(
          { length: 160 * loudness.length },
          (_, index) => loudness[Math.floor(index / 160)] ?? 0,
        );
        const around = (step: number) => loudness.slice(step - 5, step + 5).reduce((sum, level) => sum + level ** 2, 0);
        const place = quietestPlace(signal) / 160;
        for (let step = 5; step + 5 <= loudness.length; step += 1) expect(around(place)).toBeLessThanOrEqual(around(step));
      }),
    );
  });
});
