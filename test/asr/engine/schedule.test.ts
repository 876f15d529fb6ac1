import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyPlan,
  arrive,
  emptySchedule,
  leave,
  type Pool,
  planBatch,
  poolFor,
  type RowId,
  type ScheduleState,
  takenPlaces,
  type WaitingRow,
} from '../../../asr/engine/schedule.ts';
import { type Decision, deepFreeze, ScheduleWorld } from '../../support/schedule-world.ts';

const POOLS = [
  { context: 40, places: 2 },
  { context: 10, places: 3 },
  { context: 20, places: 2 },
];

type Action =
  | {
      readonly kind: 'arrive';
      readonly contexts: readonly number[];
      readonly steps: number;
      readonly deferrable: boolean;
      readonly places: number;
    }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'turn' }
  | { readonly kind: 'cancel'; readonly which: number };

const actions = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('arrive' as const),
        contexts: fc
          .uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 })
          .map((contexts) => contexts.toSorted((left, right) => left - right)),
        steps: fc.integer({ min: 1, max: 6 }),
        deferrable: fc.boolean(),
        places: fc.integer({ min: 1, max: 2 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20 }) }) },
    { weight: 6, arbitrary: fc.constant({ kind: 'turn' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat({ max: 50 }) }) },
  ),
  { maxLength: 120 },
);
const limits = fc.record({
  maxWaitMs: fc.integer({ min: 0, max: 20 }),
  togetherMs: fc.integer({ min: 0, max: 20 }),
  maxEncodeRows: fc.integer({ min: 1, max: 4 }),
  maxEncodePositions: fc.integer({ min: 1, max: 120 }),
  maxEncodePadding: fc.double({ min: 0, max: 1, noNaN: true }),
});

const MOST_ENCODER_TURNS = 4;
const encoderTurns = fc.integer({ min: 1, max: MOST_ENCODER_TURNS });

/** Plays the actions, then lets all rows end; `look` sees every decision. */
function play(world: ScheduleWorld, script: readonly Action[], look: (decision: Decision) => void): void {
  for (const action of script) {
    if (action.kind === 'arrive') world.arrive(action.contexts, action.steps, action);
    if (action.kind === 'pass') world.nowMs += action.ms;
    if (action.kind === 'turn') look(world.turn());
    if (action.kind === 'cancel') {
      const id = [...world.alive.keys()][action.which];
      if (id !== undefined) world.cancel(id);
    }
  }
  // a row waits at most once for company before each encoder batch, then for the encoder, and each of its steps is a plan
  // of its own at most
  const attempts = [...world.alive.values()].flatMap(({ contexts, steps }) => contexts.map(() => steps));
  const mostPlans = attempts.reduce((plans, steps) => plans + 2 + MOST_ENCODER_TURNS + steps, MOST_ENCODER_TURNS);
  for (let plans = 0; world.alive.size > 0; plans += 1) {
    expect(plans).toBeLessThan(mostPlans);
    const decision = world.turn();
    look(decision);
    if (decision.plan.kind !== 'idle' || world.state.encoding !== null) continue;
    expect(decision.plan.untilMs).not.toBeNull();
    world.nowMs = Math.max(world.nowMs, decision.plan.untilMs ?? 0);
  }
}

function forAllPlays(look: (decision: Decision, world: ScheduleWorld) => void): void {
  fc.assert(
    fc.property(limits, encoderTurns, actions, (chosen, turns, script) => {
      const world = new ScheduleWorld(POOLS, chosen, turns);
      play(world, script, (decision) => look(decision, world));
    }),
    { numRuns: 150 },
  );
}

function idsIn(state: ScheduleState): readonly RowId[] {
  const placed = state.pools.flatMap((pool) => [...new Set(pool.places.filter((id) => id !== null))]);
  return [...state.waiting.map((row) => row.id), ...(state.encoding?.rows ?? []).map(({ id }) => id), ...placed];
}

/** In the order of the waiting rows, those whose pool has places for them, and for the first that waits for it. */
function candidatesOf(state: ScheduleState) {
  const poolOf = ({ context }: WaitingRow) => poolFor(state.pools, context);
  const free = state.pools.map(({ places }) => places.filter((id) => id === null).length);
  const fits = (row: WaitingRow | undefined) => row !== undefined && (free[poolOf(row)] ?? 0) >= (row.places ?? 1);
  return state.waiting.filter((row) => fits(row) && fits(state.waiting.find((other) => poolOf(other) === poolOf(row))));
}

describe('the schedule, whatever arrives, ends, is tried again or is cancelled', () => {
  it('neither loses nor doubles a row, and every row is decoded to its end in a bounded number of plans', () => {
    forAllPlays((_, world) => {
      const ids = idsIn(world.state);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(ids)).toEqual(new Set(world.alive.keys()));
    });
  });

  it('gives a row that decodes all the places it asked for, in one pool', () => {
    forAllPlays((_, { state, alive }) => {
      for (const pool of state.pools) {
        for (const id of new Set(pool.places.filter((one) => one !== null))) {
          expect(pool.places.filter((other) => other === id).length).toBe(alive.get(id)?.places);
        }
      }
    });
  });

  it('never plans a row that has left', () => {
    forAllPlays(({ plan }, world) => {
      const planned = plan.kind === 'encode' ? plan.rows : [];
      expect(planned.filter((id) => world.gone.has(id))).toEqual([]);
    });
  });

  it('encodes distinct waiting rows, of the one pool their contexts belong to', () => {
    forAllPlays(({ plan, state }) => {
      if (plan.kind !== 'encode') return;
      expect(new Set(plan.rows).size).toBe(plan.rows.length);
      for (const id of plan.rows) {
        const waiting = state.waiting.find((row) => row.id === id);
        expect(plan.pool).toBe(poolFor(state.pools, waiting?.context ?? Number.NaN));
      }
    });
  });

  it('seats what was encoded, and has not left meanwhile, in free places of that pool', () => {
    forAllPlays(({ seating }) => {
      if (seating === null) return;
      const { before, seated } = seating;
      expect(seated.map(({ id, places }) => ({ id, places: places.length }))).toEqual(before.encoding?.rows);
      const taken = seated.flatMap(({ places }) => places);
      expect(new Set(taken).size).toBe(taken.length);
      for (const { pool, places } of seated) {
        expect(pool).toBe(before.encoding?.pool);
        for (const place of places) expect(before.pools[pool]?.places[place]).toBeNull();
      }
    });
  });

  it('keeps to the limits of rows and positions', () => {
    forAllPlays(({ plan, state }, { limits: chosen }) => {
      if (plan.kind !== 'encode') return;
      const contexts = plan.rows.map((id) => state.waiting.find((row) => row.id === id)?.context ?? 0);
      expect(plan.rows.length).toBeLessThanOrEqual(chosen.maxEncodeRows);
      // a single row is always taken, however long
      if (plan.rows.length > 1) {
        const computed = plan.rows.length * Math.max(...contexts);
        expect(computed).toBeLessThanOrEqual(chosen.maxEncodePositions);
        const padding = computed - contexts.reduce((sum, context) => sum + context, 0);
        expect(padding).toBeLessThanOrEqual(chosen.maxEncodePadding * computed);
      }
    });
  });

  it('builds each encoder batch around the longest of the rows that came together with the one that waits longest', () => {
    forAllPlays(({ plan, state }, { limits: chosen }) => {
      if (plan.kind !== 'encode') return;
      const candidates = candidatesOf(state);
      const [oldest] = candidates;
      const head = candidates.find(({ id }) => id === plan.rows[0]);
      expect(head?.deferrable).toBe(oldest?.deferrable);
      expect((head?.arrivedMs ?? Number.NaN) - (oldest?.arrivedMs ?? 0)).toBeLessThanOrEqual(chosen.togetherMs);
      const longer = candidates.filter(({ context }) => context > (head?.context ?? 0));
      for (const { arrivedMs, deferrable } of longer) {
        if (deferrable === head?.deferrable) expect(arrivedMs - (oldest?.arrivedMs ?? 0)).toBeGreaterThan(chosen.togetherMs);
      }
    });
  });

  it('keeps the waiting rows in the order of their arrival, those that may be deferred behind all others', () => {
    forAllPlays((_, { state, alive }) => {
      const rows = state.waiting.flatMap(({ id }) => alive.get(id) ?? []);
      const inOrder = [false, true].flatMap((deferrable) =>
        rows.filter((row) => row.deferrable === deferrable).toSorted((left, right) => left.arrivedMs - right.arrivedMs),
      );
      expect(rows.map(({ arrivedMs, deferrable }) => [deferrable, arrivedMs])).toEqual(
        inOrder.map(({ arrivedMs, deferrable }) => [deferrable, arrivedMs]),
      );
    });
  });

  it('encodes a row that may be deferred only where no other waits for the same pool outside the batch', () => {
    forAllPlays(({ plan, state }) => {
      if (plan.kind !== 'encode') return;
      const taken = new Set(plan.rows);
      if (!state.waiting.some((row) => taken.has(row.id) && row.deferrable)) return;
      const left = state.waiting.filter((row) => !(row.deferrable || taken.has(row.id)));
      expect(left.map((row) => poolFor(state.pools, row.context))).not.toContain(plan.pool);
    });
  });

  it('gives the encoder one batch at a time, and goes on decoding meanwhile', () => {
    forAllPlays(({ plan, state }) => {
      if (state.encoding === null) return;
      const decoding = state.pools.some((pool) => takenPlaces(pool) > 0);
      expect(plan.kind).toBe(decoding ? 'decode' : 'idle');
    });
  });

  it('lets no pool with rows wait for more steps of others than there are pools', () => {
    const waited = new Map<number, number>();
    let last: ScheduleWorld | null = null;
    forAllPlays(({ plan, state }, world) => {
      if (world !== last) waited.clear();
      last = world;
      if (plan.kind !== 'decode') return;
      expect(takenPlaces(state.pools[plan.pool] as Pool)).toBeGreaterThan(0);
      for (const [index, pool] of state.pools.entries()) {
        const steps = index === plan.pool || takenPlaces(pool) === 0 ? 0 : (waited.get(index) ?? 0) + 1;
        expect(steps).toBeLessThan(POOLS.length);
        waited.set(index, steps);
      }
    });
  });

  it('moves rows only down, into free places, and leaves few gaps among the rows it decodes', () => {
    forAllPlays(({ plan, state }) => {
      if (plan.kind !== 'decode') return;
      const before = state.pools[plan.pool]?.places ?? [];
      for (const { from, to } of plan.moves) {
        expect(to).toBeLessThan(from);
        expect(before[to]).toBeNull();
        expect(before[from]).not.toBeNull();
      }
      const places = applyPlan(state, plan).pools[plan.pool]?.places ?? [];
      const computed = places.findLastIndex((id) => id !== null) + 1;
      expect(new Set(places)).toEqual(
        new Set([...before.filter((id) => id !== null), ...(places.includes(null) ? [null] : [])]),
      );
      expect(computed - places.filter((id) => id !== null).length).toBeLessThanOrEqual(computed / 8);
    });
  });

  it('is idle only without rows to decode, until the longest waiting row has waited long enough', () => {
    forAllPlays(({ plan, state, nowMs }, { limits: chosen }) => {
      if (plan.kind !== 'idle') return;
      expect(state.pools.every((pool) => takenPlaces(pool) === 0)).toBe(true);
      const oldest = state.encoding === null ? candidatesOf(state)[0] : undefined;
      expect(plan.untilMs).toBe(oldest === undefined ? null : oldest.arrivedMs + chosen.maxWaitMs);
      if (plan.untilMs !== null) expect(plan.untilMs).toBeGreaterThan(nowMs);
    });
  });

  it('gives a free encoder a row that has waited long enough', () => {
    forAllPlays(({ plan, state, nowMs }, world) => {
      const [oldest] = candidatesOf(state);
      const due = oldest !== undefined && nowMs >= oldest.arrivedMs + world.limits.maxWaitMs;
      if (due && state.encoding === null) expect(plan.kind).toBe('encode');
    });
  });

  it('makes the same plan of the same state, which it leaves as it was', () => {
    forAllPlays(({ plan, state, nowMs }, world) => {
      // the state is frozen: a change would throw
      expect(planBatch(structuredClone(state), nowMs, world.limits)).toEqual(plan);
    });
  });
});

describe('arrive', () => {
  it('puts a row that is tried again back to where its first arrival belongs', () => {
    const rows = [
      { id: 1 as RowId, context: 5, arrivedMs: 10 },
      { id: 2 as RowId, context: 5, arrivedMs: 20 },
      { id: 3 as RowId, context: 9, arrivedMs: 10 },
    ];
    const state = rows.reduce(arrive, emptySchedule(POOLS));
    expect(state.waiting.map((row) => row.id)).toEqual([1, 3, 2]);
  });
});

describe('leave', () => {
  it('leaves all as it was for a row that is not there', () => {
    const state = deepFreeze(arrive(emptySchedule(POOLS), { id: 1 as RowId, context: 5, arrivedMs: 0 }));
    expect(leave(state, 7 as RowId)).toEqual(state);
  });
});
