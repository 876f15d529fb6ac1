import { describe, expect, it } from 'vitest';
import { alikeRanges } from '../../../asr/engine/opening-caches.ts';

const cut = (lengths: readonly number[]) => alikeRanges(lengths).map(({ from, to }) => lengths.slice(from, to));

describe('alikeRanges', () => {
  it('keeps few tokens together, however many others there are', () => {
    expect(cut([1, 4, 4, 8])).toEqual([[1, 4, 4, 8]]);
    expect(cut([])).toEqual([]);
  });

  it('keeps rows together whose filling is at most as much as their own tokens', () => {
    expect(cut([4, 4, 9, 12])).toEqual([[4, 4, 9, 12]]);
    expect(cut([4, 4, 4, 4, 200, 220])).toEqual([
      [4, 4, 4, 4],
      [200, 220],
    ]);
  });

  it('loses none, in any order', () => {
    expect(cut([200, 4, 4]).flat()).toEqual([200, 4, 4]);
  });
});
