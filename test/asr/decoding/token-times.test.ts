import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenBoundaries } from '../../../asr/decoding/token-times.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { noise } from '../../support/tiny-weights.ts';

const HEAD_DIM = 4;

/** Steps whose one head looks at the given position and its neighbours. */
function lookingAt(places: readonly number[], positions: number) {
  // keys on a circle: a query in a key's direction is nearest to that key
  const angle = (position: number) => (Math.PI * position) / positions;
  const direction = (position: number, length: number) =>
    Float32Array.of(length * Math.cos(angle(position)), length * Math.sin(angle(position)), 0, 0);
  const keys = Float32Array.from(Array.from({ length: positions }, (_, position) => [...direction(position, 1)]).flat());
  return { queries: places.map((place) => direction(place, 400)), keys: [keys], headDim: HEAD_DIM, positions };
}

describe('tokenBoundaries', () => {
  it('finds tokens where their steps look, and silence before the first and behind the last', () => {
    // two steps of the prompt, the second of which looks at the silence before; three tokens; the end
    const boundaries = tokenBoundaries(lookingAt([5, 15, 50, 70, 90, 110], 120), 2, 3);
    expect(boundaries).toHaveLength(4);
    for (const [index, expected] of [32, 60, 80, 100].entries()) {
      expect(Math.abs((boundaries[index] ?? Number.NaN) - expected), `boundary ${index}`).toBeLessThan(8);
    }
  });

  it('lets the last token last to the end where no step looks for the end', () => {
    expect(tokenBoundaries(lookingAt([5, 15, 50, 70], 100), 2, 2).at(-1)).toBe(100);
  });

  it('never falls, and lies inside the audio, whatever the attention is', () => {
    const shape = fc.record({
      tokens: fc.nat({ max: 20 }),
      positions: fc.nat({ max: 40 }),
      closed: fc.boolean(),
      seed: fc.nat({ max: 1_000 }),
    });
    fc.assert(
      fc.property(shape, ({ tokens, positions, closed, seed }) => {
        const random = seededRandom(seed);
        const boundaries = tokenBoundaries(
          {
            queries: Array.from({ length: 3 + tokens + (closed ? 1 : 0) }, () => noise(random, 2 * HEAD_DIM)),
            keys: [noise(random, positions * HEAD_DIM), noise(random, positions * HEAD_DIM)],
            headDim: HEAD_DIM,
            positions,
          },
          3,
          tokens,
        );
        expect(boundaries).toHaveLength(tokens + 1);
        expect(boundaries).toEqual(boundaries.toSorted((left, right) => left - right));
        for (const boundary of boundaries) expect(boundary >= 0 && boundary <= positions).toBe(true);
      }),
    );
  });
});
