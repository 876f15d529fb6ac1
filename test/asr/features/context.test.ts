import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contextFor, FRAMES_PER_POSITION } from '../../../asr/features/context.ts';
import { realFrames } from '../../../asr/features/log-mel.ts';

it('counts a position for every 20 ms that has begun, and the tail', () => {
  expect(contextFor(16_000, 0, 1500)).toBe(50);
  expect(contextFor(16_001, 0, 1500)).toBe(51);
  expect(contextFor(48_000, 25, 1500)).toBe(175);
  expect(contextFor(1, 0, 1500)).toBe(1);
  expect(contextFor(0, 10, 1500)).toBe(10);
});

it('is capped by the model', () => {
  expect(contextFor(480_000, 0, 1500)).toBe(1500);
  expect(contextFor(479_999, 50, 1500)).toBe(1500);
  expect(contextFor(960_000, 0, 1500)).toBe(1500);
});

it('has room for every frame with audio in it, but for the one that only starts at the very end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 480_000 }), (samples) => {
      expect(contextFor(samples, 0, 1500) * FRAMES_PER_POSITION).toBeGreaterThanOrEqual(realFrames(samples));
    }),
  );
});

it('refuses counts that are not whole numbers from 0 up', () => {
  for (const bad of [-1, 0.5, Number.NaN]) {
    expect(() => contextFor(bad, 0, 1500)).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
    expect(() => contextFor(16_000, bad, 1500)).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
  }
});
