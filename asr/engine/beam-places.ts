import type { Move } from './schedule.ts';

/** Where a row's hypotheses lie after a step. */
export interface BeamPlaces {
  /** those of the hypotheses, in their order, then free ones */
  readonly places: readonly number[];
  /** tokens that are to be copied from one place to another, in any order */
  readonly forks: readonly Move[];
}

/**
 * The first hypothesis that goes on from another has its place, and needs no copy; further ones have the first places that
 * nobody goes on in: what lies behind the last hypothesis of a pool is not computed.
 * @param places of the hypotheses before the step, then free ones; as many as there can be hypotheses
 * @param parents of each hypothesis, which one it goes on from
 */
export function placeBranches(places: readonly number[], parents: readonly number[]): BeamPlaces {
  const free = places.filter((_, index) => !parents.includes(index)).sort((left, right) => left - right);
  const forks: Move[] = [];
  const taken = parents.map((parent, index) => {
    const from = places[parent] as number;
    if (parents.indexOf(parent) === index) return from;
    const to = free.shift();
    if (to === undefined) throw new RangeError(`${parents.length} hypotheses do not fit into ${places.length} places.`);
    forks.push({ from, to });
    return to;
  });
  return { places: [...taken, ...free], forks };
}
