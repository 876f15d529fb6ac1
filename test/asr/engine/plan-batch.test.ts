import { describe, expect, it } from 'vitest';
import { arrive, emptySchedule, planBatch, type RowId } from '../../../asr/engine/schedule.ts';
import { ScheduleWorld } from '../../support/schedule-world.ts';

const POOLS = [
  { context: 40, places: 1 },
  { context: 10, places: 3 },
  { context: 20, places: 2 },
];
const LIMITS = { maxWaitMs: 15, togetherMs: 0, maxEncodeRows: 4, maxEncodePositions: 100, maxEncodePadding: 0.5 };

describe('planBatch', () => {
  it('goes on with short rows while long ones hold all places of their pool for ever', () => {
    const world = new ScheduleWorld(POOLS, LIMITS);
    for (let row = 0; row < 5; row += 1) world.arrive([40], Number.POSITIVE_INFINITY);
    const short = Array.from({ length: 20 }, () => world.arrive([5], 3).id);
    let turns = 0;
    for (; short.some((id) => world.alive.has(id)); turns += 1) {
      expect(turns).toBeLessThan(200);
      world.nowMs += 5;
      world.turn();
    }
    expect(world.alive.size).toBe(5);
  });

  it('encodes an odd row among others that never cease to arrive', () => {
    const world = new ScheduleWorld(POOLS, LIMITS);
    for (let row = 0; row < 3; row += 1) world.arrive([10], 2);
    const odd = world.arrive([1], 2).id;
    let encoderBatches = 0;
    while (world.alive.has(odd)) {
      world.arrive([10], 2);
      world.nowMs += 1;
      if (world.turn().plan.kind === 'encode') encoderBatches += 1;
      // at most one batch for each row that was there before it, and its own
      expect(encoderBatches).toBeLessThanOrEqual(4);
    }
  });

  it('chooses rows of the most similar contexts as company', () => {
    const state = [10, 3, 9, 8].reduce(
      (before, context, index) => arrive(before, { id: (index + 1) as RowId, context, arrivedMs: index }),
      emptySchedule(POOLS),
    );
    const plan = planBatch(state, 100, LIMITS);
    expect(plan.kind === 'encode' && plan.rows).toEqual([1, 3, 4]);
  });

  it('keeps places for a row that needs several, and has waited longest, while narrower ones go on arriving', () => {
    const world = new ScheduleWorld(POOLS, { ...LIMITS, maxEncodeRows: 1 });
    for (let row = 0; row < 3; row += 1) world.arrive([10], 4);
    world.nowMs += 1;
    const wide = world.arrive([10], 2, { places: 3 }).id;
    let turns = 0;
    for (; world.alive.has(wide); turns += 1) {
      expect(turns).toBeLessThan(40);
      world.arrive([10], 4);
      world.nowMs += 20;
      world.turn();
    }
  });

  it('leaves out company that would be padded too much', () => {
    const state = [10, 3, 9, 8].reduce(
      (before, context, index) => arrive(before, { id: (index + 1) as RowId, context, arrivedMs: index }),
      emptySchedule(POOLS),
    );
    const plan = planBatch(state, 100, { ...LIMITS, maxEncodePadding: 0.05 });
    expect(plan.kind === 'encode' && plan.rows).toEqual([1, 3]);
  });

  it('begins with the longest of rows that came together, and with the first of those that did not', () => {
    const state = [5, 3, 9, 20].reduce(
      (before, context, index) => arrive(before, { id: (index + 1) as RowId, context, arrivedMs: 10 * index }),
      emptySchedule(POOLS),
    );
    const headOf = (togetherMs: number) => {
      const plan = planBatch(state, 100, { ...LIMITS, togetherMs });
      return plan.kind === 'encode' && plan.rows[0];
    };
    expect([0, 19, 20, 29, 30].map(headOf)).toEqual([1, 1, 3, 3, 4]);
  });

  it('does not wait for company that could not join', () => {
    const long = arrive(emptySchedule(POOLS), { id: 1 as RowId, context: 40, arrivedMs: 0 });
    expect(planBatch(long, 0, LIMITS).kind).toBe('encode');
    const short = arrive(emptySchedule(POOLS), { id: 1 as RowId, context: 5, arrivedMs: 0 });
    expect(planBatch(short, 0, LIMITS)).toEqual({ kind: 'idle', untilMs: LIMITS.maxWaitMs });
  });

  it('steps a full pool several times for each step of a nearly empty one', () => {
    const world = new ScheduleWorld(
      [
        { context: 10, places: 32 },
        { context: 20, places: 32 },
      ],
      { ...LIMITS, maxWaitMs: 0 },
    );
    for (let row = 0; row < 32; row += 1) world.arrive([5], 1_000);
    world.arrive([15], 1_000);
    while (world.state.waiting.length > 0) world.turn();
    const steps = Array.from({ length: 100 }, () => {
      const { plan } = world.turn();
      return plan.kind === 'decode' ? plan.pool : -1;
    });
    // (32 − 1) / 8 rows for each step it waits
    expect(steps.filter((pool) => pool === 1).length).toBe(20);
    expect(steps.filter((pool) => pool === 0).length).toBe(80);
  });

  it('refuses a row that no pool has room for', () => {
    const row = { id: 1 as RowId, context: 1_501, arrivedMs: 0 };
    expect(() => arrive(emptySchedule(POOLS), row)).toThrow(/No pool has room for a context of 1501/);
    const wide = { ...row, context: 20, places: 3 };
    expect(() => arrive(emptySchedule(POOLS), wide)).toThrow(/2 places has no room for a row that takes 3/);
  });

  it('has nothing to do without rows', () => {
    expect(planBatch(emptySchedule(POOLS), 5, LIMITS)).toEqual({ kind: 'idle', untilMs: null });
  });
});
