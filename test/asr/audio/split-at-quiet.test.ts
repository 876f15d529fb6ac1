import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitAtQuiet } from '../../../asr/audio/split-at-quiet.ts';
import { sine } from './signals.ts';

const RATE = 16_000;

describe('splitting at quiet places', () => {
  it('leaves a signal of at most 30 s as it is', () => {
    for (const length of [0, 1, 30 * RATE]) {
      const signal = new Float32Array(length);
      const pieces = splitAtQuiet(signal);
      expect(pieces).toHaveLength(1);
      expect(pieces[0]?.samples).toBe(signal);
    }
  });

  it('cuts within a pause between the 20th and the 30th second', () => {
    const signal = sine(220, { rate: RATE, length: 50 * RATE });
    signal.fill(0, 10 * RATE, 12 * RATE); // longer, but too early
    signal.fill(0, 23.4 * RATE, 23.6 * RATE);
    const [first, second, ...rest] = splitAtQuiet(signal);
    expect(rest).toEqual([]);
    expect(second?.startSample).toBe(first?.samples.length);
    expect((second?.startSample ?? 0) / RATE).toBeGreaterThan(23.4);
    expect((second?.startSample ?? 0) / RATE).toBeLessThan(23.6);
  });

  it('puts every sample into exactly one piece of at most 30 s, and leaves no scrap at the end', () => {
    const noise = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 130 * RATE }), noise, (length, levels) => {
        // a new level every quarter of a second
        const level = (index: number) => levels[Math.floor(index / 4_000) % levels.length] as number;
        const signal = Float32Array.from({ length }, (_, index) => level(index));
        const pieces = splitAtQuiet(signal);
        let end = 0;
        for (const { startSample, samples } of pieces) {
          expect(startSample).toBe(end);
          expect(samples.length).toBeLessThanOrEqual(30 * RATE);
          if (pieces.length > 1) expect(samples.length).toBeGreaterThanOrEqual(5 * RATE);
          expect(samples.buffer).toBe(signal.buffer);
          expect(samples.byteOffset).toBe(4 * startSample);
          end += samples.length;
        }
        expect(end).toBe(length);
      }),
      { numRuns: 15 },
    );
  });

  it('makes the fewest pieces of silence', () => {
    const pieces = splitAtQuiet(new Float32Array(89 * RATE));
    expect(pieces).toHaveLength(3);
  });
});
