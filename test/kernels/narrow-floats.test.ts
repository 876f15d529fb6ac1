import { describe, expect, it } from 'vitest';
import { narrowToHalf } from '../../kernels/narrow-floats.ts';
import { widenFloats } from '../../kernels/widen-floats.ts';

const widened = (halves: Uint16Array) => widenFloats(new Uint8Array(halves.slice().buffer), 'f16');
const narrowed = (...values: number[]) => [...narrowToHalf(Float32Array.from(values))];

describe('narrowing to half precision', () => {
  it('is the inverse of widening, for every half', () => {
    const every = Uint16Array.from({ length: 0x10000 }, (_, half) => half);
    const back = narrowToHalf(widened(every));
    const isNoNumber = (half: number) => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
    for (const half of every) {
      if (isNoNumber(half)) expect(isNoNumber(back[half] as number)).toBe(true);
      else if (back[half] !== half) expect([half, back[half]]).toEqual([half, half]);
    }
  });

  it('rounds to the nearest, and ties to even', () => {
    const finite = widened(Uint16Array.from({ length: 0x7c00 }, (_, half) => half));
    for (let half = 0; half + 1 < finite.length; half += 1) {
      const middle = ((finite[half] as number) + (finite[half + 1] as number)) / 2; // fits fp32
      const even = half % 2 === 0 ? half : half + 1;
      const halves = narrowed(middle, middle * (1 - 2 ** -20), middle * (1 + 2 ** -20), -middle);
      if (halves.join() !== [even, half, half + 1, even | 0x8000].join()) {
        expect([middle, ...halves]).toEqual([middle, even, half, half + 1, even | 0x8000]);
      }
    }
  });

  it('is infinite from the middle between the largest half and the next, which there is not', () => {
    expect(narrowed(65_519, 65_520, -1e30, Number.POSITIVE_INFINITY)).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7c00]);
  });

  it('takes what is below half the smallest to a zero of its sign', () => {
    expect(narrowed(2 ** -25, -(2 ** -25), 1e-40, 2 ** -25 * 1.001)).toEqual([0, 0x8000, 0, 1]);
  });
});
