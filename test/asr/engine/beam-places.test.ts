import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeBranches } from '../../../asr/engine/beam-places.ts';

describe('placeBranches', () => {
  it('leaves a text where it is, and copies what a second one shares with it into a free place', () => {
    expect(placeBranches([4, 7], [0, 1])).toEqual({ places: [4, 7], forks: [] });
    expect(placeBranches([4, 7], [1, 1])).toEqual({ places: [7, 4], forks: [{ from: 7, to: 4 }] });
    expect(placeBranches([4, 7, 9], [0])).toEqual({ places: [4, 7, 9], forks: [] });
    expect(placeBranches([4, 7, 9], [])).toEqual({ places: [4, 7, 9], forks: [] });
  });

  it('fills the first of the free places', () => {
    expect(placeBranches([9, 4, 7], [1, 1])).toEqual({ places: [4, 7, 9], forks: [{ from: 4, to: 7 }] });
  });

  it('gives every text what it goes on from, whatever the order of the copies', () => {
    const beams = fc
      .uniqueArray(fc.nat({ max: 31 }), { minLength: 1, maxLength: 5 })
      .chain((places) =>
        fc.tuple(fc.constant(places), fc.array(fc.nat({ max: places.length - 1 }), { maxLength: places.length })),
      );
    fc.assert(
      fc.property(beams, ([places, parents]) => {
        const content = new Map(places.map((place, index) => [place, index]));
        const after = placeBranches(places, parents);
        expect(new Set(after.places)).toEqual(new Set(places));
        expect(new Set(after.forks.map(({ to }) => to)).size).toBe(after.forks.length);
        // a place that is copied from is not copied over
        const sources = new Set(after.forks.map(({ from }) => from));
        for (const { from, to } of after.forks) {
          expect(sources.has(to)).toBe(false);
          content.set(to, content.get(from) as number);
        }
        expect(parents.map((_, index) => content.get(after.places[index] as number))).toEqual(parents);
      }),
    );
  });

  it('refuses more texts than there are places', () => {
    expect(() => placeBranches([3], [0, 0])).toThrow(/2 hypotheses do not fit into 1 places/);
  });
});
