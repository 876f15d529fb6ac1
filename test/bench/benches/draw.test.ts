import { describe, expect, it } from 'vitest';
import { drawOf } from '../../../bench/benches/draw.ts';

describe('what cases are drawn from', () => {
  it('is the same for a seed and an index, and another for any other', () => {
    const draws = (seed: number, index: number) => drawOf(seed, index).bytes(32).toString('hex');
    expect(draws(1, 7)).toBe(draws(1, 7));
    const all = [0, 1, 2].flatMap((seed) => [0, 1, 2, 3].map((index) => draws(seed, index)));
    expect(new Set(all).size).toBe(all.length);
  });

  it('reaches both ends of a range and every choice, and nothing else', () => {
    const draw = drawOf(3, 0);
    expect(new Set(Array.from({ length: 200 }, () => draw.whole(-1, 2)))).toEqual(new Set([-1, 0, 1, 2]));
    expect(new Set(Array.from({ length: 200 }, () => draw.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
    expect(() => draw.pick([])).toThrow(RangeError);
  });
});
