import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLog10Column } from '../../../asr/features/fast-log10.ts';

it('agrees with Math.log10 to 1e-9 over the range of mel energies', () => {
  const edges = [1e-10, 0.5, Math.SQRT1_2, 1 - Number.EPSILON / 2, 1, 1 + Number.EPSILON, Math.SQRT2, 2, 1e30];
  fc.assert(
    fc.property(fc.double({ min: 1e-10, max: 1e30, noNaN: true }), (drawn) => {
      const numbers = [...edges, drawn];
      const column = createLog10Column(numbers.length);
      column.values.set(numbers);
      column.toLog10();
      for (const [index, value] of numbers.entries()) {
        expect(Math.abs((column.values[index] ?? Number.NaN) - Math.log10(value))).toBeLessThan(1e-9);
      }
    }),
  );
});

it('is exact where Whisper clamps: at 1 and at the floor of 1e-10', () => {
  const column = createLog10Column(2);
  column.values.set([1, 1e-10]);
  column.toLog10();
  expect([...column.values]).toEqual([0, -10]);
});
