import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import type { ExampleSpec } from '../../../bench/training/example-spec.ts';
import { DEFAULT_LIMITS, type PlannedBatch, planBatches } from '../../../bench/training/plan-batches.ts';

const RECIPE = { limits: DEFAULT_LIMITS, fullShare: 0.1, fullContext: 1_500 };

const spec = fc.record({
  parts: fc.constant([0]),
  learner: fc.integer({ min: 0, max: 7 }),
  seed: fc.integer(),
  context: fc.oneof(fc.integer({ min: 50, max: 250 }), fc.integer({ min: 50, max: 1_500 })),
  targetTokens: fc.oneof(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 2, max: 400 })),
});

function typical(count: number): readonly ExampleSpec[] {
  const random = seededRandom(3);
  return Array.from({ length: count }, (_, index) => {
    const context = 32 + Math.round(50 * (1 + 2 * random()));
    return { parts: [index], learner: index % 8, seed: index, context, targetTokens: Math.round(context / 10) };
  });
}

function sizesOf({ context, specs }: PlannedBatch) {
  const longest = context === 'full' ? 1_500 : Math.max(...specs.map((one) => one.context));
  return { rows: specs.length, longest, tokens: specs.reduce((sum, { targetTokens }) => sum + targetTokens, 0) };
}

describe('the batches of an epoch', () => {
  it('have each example exactly once, and keep the limits unless a single row exceeds them', () => {
    const shares = fc.constantFrom(0, 0.1, 0.5, 1);
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 120 }), fc.integer(), shares, (specs, seed, fullShare) => {
        const batches = planBatches(specs, { ...RECIPE, fullShare }, seededRandom(seed));
        const planned = batches.flatMap((batch) => batch.specs);
        expect(planned).toHaveLength(specs.length);
        expect(new Set(planned)).toEqual(new Set(specs));
        for (const batch of batches) {
          const { rows, longest, tokens } = sizesOf(batch);
          expect(rows).toBeGreaterThan(0);
          if (rows === 1) continue;
          expect(rows * longest).toBeLessThanOrEqual(3_000);
          expect(rows * longest ** 2).toBeLessThanOrEqual(3_000_000);
          expect(tokens).toBeLessThanOrEqual(320);
        }
        if (fullShare === 0) expect(batches.every(({ context }) => context === 'own')).toBe(true);
        if (fullShare === 1) expect(batches.every(({ context }) => context === 'full')).toBe(true);
      }),
    );
  });

  it('are at the full context one time in ten, in an order of chance', () => {
    const batches = planBatches(typical(5_000), RECIPE, seededRandom(1));
    const share = batches.filter(({ context }) => context === 'full').length / batches.length;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
    const half = batches.slice(0, batches.length / 2).filter(({ context }) => context === 'full').length;
    expect(half / (batches.length / 2)).toBeGreaterThan(0.05);
    const firsts = batches.filter(({ context }) => context === 'own').map((batch) => sizesOf(batch).longest);
    expect(firsts).not.toEqual(firsts.toSorted((left, right) => right - left));
  });

  it('are full, hold little padding, and mix languages', () => {
    const own = planBatches(typical(5_000), RECIPE, seededRandom(1)).filter(({ context }) => context === 'own');
    const padded = own.map(sizesOf).reduce((sum, { rows, longest }) => sum + rows * longest, 0);
    const real = own.flatMap(({ specs }) => specs).reduce((sum, { context }) => sum + context, 0);
    expect(padded / real).toBeLessThan(1.1);
    expect(5_000 / own.length).toBeGreaterThan(18);
    expect(own.filter(({ specs }) => new Set(specs.map(({ learner }) => learner)).size < 4).length).toBeLessThan(3);
  });

  it('are the same for the same seed, and others for another', () => {
    const plan = (seed: number) => planBatches(typical(300), RECIPE, seededRandom(seed));
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });
});
