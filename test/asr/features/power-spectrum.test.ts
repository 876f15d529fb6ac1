import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPowerSpectrum, SPECTRUM_BINS, WINDOW_SAMPLES } from '../../../asr/features/power-spectrum.ts';

it('equals the definition of the windowed transform, at any offset', () => {
  const powerSpectrum = createPowerSpectrum();
  const power = new Float64Array(SPECTRUM_BINS);
  const sample = fc.float({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 403, maxLength: 403 }), fc.integer({ min: 0, max: 3 }), (drawn, offset) => {
      const samples = Float32Array.from(drawn);
      powerSpectrum(samples, offset, power);
      for (let bin = 0; bin < SPECTRUM_BINS; bin += 25) {
        expect(power[bin]).toBeCloseTo(naivePower(samples.subarray(offset), bin), 8);
      }
    }),
    { numRuns: 20 },
  );
});

it('finds a tone in its bin, and half of its amplitude beside it', () => {
  const power = new Float64Array(SPECTRUM_BINS);
  for (const bin of [1, 7, 100, 199]) {
    const tone = Float32Array.from({ length: WINDOW_SAMPLES }, (_, t) => Math.cos((2 * Math.PI * bin * t) / WINDOW_SAMPLES));
    createPowerSpectrum()(tone, 0, power);
    expect(power[bin]).toBeGreaterThan(9_990);
    expect([...power].every((value, index) => Math.abs(index - bin) <= 1 || value < 1e-6)).toBe(true);
  }
});

function naivePower(samples: Float32Array, bin: number): number {
  let [re, im] = [0, 0];
  for (let t = 0; t < WINDOW_SAMPLES; t += 1) {
    const windowed = (samples[t] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * t) / WINDOW_SAMPLES));
    re += windowed * Math.cos((2 * Math.PI * bin * t) / WINDOW_SAMPLES);
    im -= windowed * Math.sin((2 * Math.PI * bin * t) / WINDOW_SAMPLES);
  }
  return re * re + im * im;
}
