import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutWindows } from '../../../asr/voice-activity/cut-windows.ts';
import { WINDOW_SAMPLES } from '../../../asr/voice-activity/voice-detector.ts';

/** 0, 1, 2, …: each sample says where it belongs. */
function counting(from: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => from + index);
}

describe('cutWindows', () => {
  it('gives every sample once, in order, in whole windows as soon as they are full, however the signal is cut', () => {
    const sizes = fc.array(fc.oneof(fc.nat({ max: 3 * WINDOW_SAMPLES }), fc.constantFrom(0, 1, 511, 512, 513)), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(sizes, (pieceSizes) => {
        let rest: Float32Array = new Float32Array(0);
        let [pushed, given] = [0, 0];
        for (const size of pieceSizes) {
          const cut = cutWindows(rest, counting(pushed, size));
          pushed += size;
          expect(cut.windows).toEqual(counting(given, cut.windows.length));
          expect(cut.windows.length % WINDOW_SAMPLES).toBe(0);
          given += cut.windows.length;
          expect(cut.rest).toEqual(counting(given, pushed - given));
          expect(cut.rest.length).toBeLessThan(WINDOW_SAMPLES);
          rest = cut.rest;
        }
      }),
    );
  });

  it('keeps nothing of the caller’s array, which may be written again', () => {
    const samples = counting(0, 700);
    const { windows, rest } = cutWindows(new Float32Array(0), samples);
    samples.fill(-1);
    expect(windows).toEqual(counting(0, 512));
    expect(rest).toEqual(counting(512, 188));
  });
});
