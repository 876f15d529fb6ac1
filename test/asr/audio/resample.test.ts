import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createResampler, resample } from '../../../asr/audio/resample.ts';
import { largestDifference, rms, sine } from './signals.ts';

/** 85 dB below full scale is 5.6e-5: the filter's ripple, in both bands. */
const RIPPLE = 6e-5;
/** Where the filter overhangs the signal's ends, the analytic sine does not apply. */
const EDGE_SECONDS = 0.03;

function middle(samples: Float32Array, rate: number): Float32Array {
  const edge = Math.ceil(EDGE_SECONDS * rate);
  return samples.subarray(edge, samples.length - edge);
}

describe('resampling', () => {
  it.each([8_000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000, 47_999, 15_999])(
    'from %i Hz to 16 kHz keeps a sine in the pass band, in amplitude and in phase',
    (fromHz) => {
      const band = Math.min(fromHz, 16_000) / 2;
      for (const hz of [60, 1_000, 0.5 * band, 0.9 * band]) {
        const input = sine(hz, { rate: fromHz, length: Math.round(fromHz * 0.2) });
        const output = resample(input, fromHz, 16_000);
        const expected = sine(hz, { rate: 16_000, length: output.length });
        expect(largestDifference(middle(output, 16_000), middle(expected, 16_000)), `${hz} Hz`).toBeLessThan(RIPPLE);
      }
    },
  );

  it('removes what would fold into the band of 16 kHz', () => {
    for (const fromHz of [22_050, 44_100, 48_000, 47_999]) {
      for (const hz of [8_100, 9_000, 0.49 * fromHz]) {
        const input = sine(hz, { rate: fromHz, length: Math.round(fromHz * 0.2) });
        expect(rms(middle(resample(input, fromHz, 16_000), 16_000)), `${hz} of ${fromHz} Hz`).toBeLessThan(RIPPLE);
      }
    }
  });

  it('keeps a constant, to single precision', () => {
    for (const fromHz of [8_000, 44_100, 47_999]) {
      const output = middle(resample(new Float32Array(fromHz / 4).fill(0.25), fromHz, 16_000), 16_000);
      expect(largestDifference(output, new Float32Array(output.length).fill(0.25))).toBeLessThan(1e-6);
    }
  });

  it('gives ⌈length · to / from⌉ samples', () => {
    const lengths = fc.integer({ min: 0, max: 3_000 });
    const rates = fc.constantFrom(8_000, 11_025, 44_100, 48_000, 96_000, 1_000);
    fc.assert(
      fc.property(lengths, rates, rates, (length, fromHz, toHz) => {
        const output = resample(new Float32Array(length), fromHz, toHz);
        expect(output).toHaveLength(Math.ceil((length * toHz) / fromHz));
      }),
      { numRuns: 50 },
    );
  });

  it('does not depend, bitwise, on how the signal was cut into pieces', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(cuts, fc.constantFrom(8_000, 44_100, 48_000, 47_999), (lengths, fromHz) => {
        const length = lengths.reduce((sum, piece) => sum + piece, 0);
        const signal = sine(440, { rate: fromHz, length });
        const resampler = createResampler(fromHz, 16_000);
        const pieces: number[] = [];
        let start = 0;
        for (const piece of lengths) {
          pieces.push(...resampler.push(signal.subarray(start, start + piece)));
          start += piece;
        }
        pieces.push(...resampler.end());
        expect(Float32Array.from(pieces)).toEqual(resample(signal, fromHz, 16_000));
      }),
      { numRuns: 30 },
    );
  });

  it('returns the same array when the rate stays, and refuses a rate that is none', () => {
    const samples = sine(440, { rate: 16_000, length: 100 });
    expect(resample(samples, 16_000, 16_000)).toBe(samples);
    for (const rate of [0, -1, 999, 44_100.5, Number.NaN, 768_001]) {
      expect(() => resample(samples, rate, 16_000)).toThrowError(expect.objectContaining({ code: 'argument_invalid' }));
    }
  });
});
