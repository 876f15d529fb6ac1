/** Identifies a row's current attempt at its utterance. */
export type RowId = number & { readonly __brand: 'RowId' };

/** A row that waits for the encoder. */
export interface WaitingRow {
  readonly id: RowId;
  /** encoder positions it is to be encoded with */
  readonly context: number;
  /** that it takes in its pool, all at once: as many as it has hypotheses; 1, if left out */
  readonly places?: number;
  readonly arrivedMs: number;
  /** goes behind all rows that are not, whenever it came; it is not, if left out */
  readonly deferrable?: boolean;
}

/** Rows that decode side by side; their cross-attention caches have one capacity. */
export interface Pool {
  /** the longest context that fits */
  readonly context: number;
  /** by place whose it is; null where it is free */
  readonly places: readonly (RowId | null)[];
  /** steps of other pools since its rows had theirs */
  readonly age: number;
}

/** Everything that scheduling depends on. Plain data: `planBatch` reads it, `applyPlan` and the others make the next. */
export interface ScheduleState {
  /** in order of arrival, deferrable ones behind all others */
  readonly waiting: readonly WaitingRow[];
  /** what the encoder works on, of one pool; null: it is free */
  readonly encoding: { readonly pool: number; readonly rows: readonly EncodingRow[] } | null;
  /** by ascending context */
  readonly pools: readonly Pool[];
}

export interface EncodingRow {
  readonly id: RowId;
  readonly places: number;
}

export interface ScheduleLimits {
  /** how long a row may wait for others that could share its encoder batch */
  readonly maxWaitMs: number;
  /** rows that arrived so soon after the one that waits longest came together with it, and the longest goes first */
  readonly togetherMs: number;
  readonly maxEncodeRows: number;
  /** rows × the longest row's context, beyond the first row */
  readonly maxEncodePositions: number;
  /** how much of that may be padding, from 0 to 1 */
  readonly maxEncodePadding: number;
}

/** Where an encoded row decodes. */
export interface SeatedRow {
  readonly id: RowId;
  readonly pool: number;
  readonly places: readonly number[];
}

/** What is at a place goes to another one of its pool. */
export interface Move {
  readonly from: number;
  readonly to: number;
}

/** What to run next. */
export type BatchPlan =
  /** the pool has places for all of them */
  | { readonly kind: 'encode'; readonly pool: number; readonly rows: readonly RowId[] }
  /** one token for every hypothesis of a pool's rows, after some have moved together */
  | { readonly kind: 'decode'; readonly pool: number; readonly moves: readonly Move[] }
  /** nothing until something arrives, the encoder is done, or that time */
  | { readonly kind: 'idle'; readonly untilMs: number | null };

export function emptySchedule(pools: readonly { readonly context: number; readonly places: number }[]): ScheduleState {
  const ordered = [...pools].sort((left, right) => left.context - right.context);
  return {
    waiting: [],
    encoding: null,
    pools: ordered.map(({ context, places }) => ({ context, places: Array.from({ length: places }, () => null), age: 0 })),
  };
}

/** A pool goes before one with so many more places taken for each step that it has waited longer. */
const PLACES_PER_AGE = 8;
/** The share of free places among the others that costs more than moving them together. */
const MOST_GAPS = 1 / 8;

/**
 * Decides what runs next, from the state and the clock alone.
 *
 * The encoder works on one batch at a time, while the decoder goes on. Its batch is built around the row that waits
 * longest among those whose pool has places for them, or around the longest of those that came together with it, which has the
 * most to decode and would be the last to end; the others are of the same pool, with the most similar contexts. A row that
 * its pool has too few places for is not overtaken by rows that need fewer. The batch runs
 * when it is full, or when the one that waits longest has waited enough. Rows that may be deferred are taken when no other waits
 * for that pool, or to fill a batch. Of the pools the fullest has its step, because a step costs nearly
 * the same for few rows; but the longer a pool waits, the sooner it comes before fuller ones.
 */
export function planBatch(state: ScheduleState, nowMs: number, limits: ScheduleLimits): BatchPlan {
  const pool = nextPool(state.pools);
  const encode = state.encoding === null ? planEncode(state, limits) : null;
  if (encode !== null) {
    const dueMs = encode.oldestArrivedMs + limits.maxWaitMs;
    if (encode.full || nowMs >= dueMs) return { kind: 'encode', pool: encode.pool, rows: encode.rows };
    if (pool === -1) return { kind: 'idle', untilMs: dueMs };
  }
  if (pool === -1) return { kind: 'idle', untilMs: null };
  return { kind: 'decode', pool, moves: planMoves(state.pools[pool] as Pool) };
}

/** The state after a plan was carried out. Rows leave by `leave`, when their results say so. */
export function applyPlan(state: ScheduleState, plan: BatchPlan): ScheduleState {
  switch (plan.kind) {
    case 'idle':
      return state;
    case 'decode': {
      const pools = state.pools.map((pool, index) => {
        if (index === plan.pool) return { ...pool, places: afterMoves(pool.places, plan.moves), age: 0 };
        return { ...pool, age: takenPlaces(pool) === 0 ? 0 : pool.age + 1 };
      });
      return { ...state, pools };
    }
    case 'encode': {
      const { pool, rows } = plan;
      const given = rows.flatMap((id) => state.waiting.filter((row) => row.id === id));
      return {
        ...state,
        waiting: state.waiting.filter((row) => !rows.includes(row.id)),
        encoding: { pool, rows: given.map((row) => ({ id: row.id, places: placesOf(row) })) },
      };
    }
  }
}

/**
 * The encoder is done: its rows take free places of their pool, but for those that have left meanwhile.
 * @throws RangeError if it was free
 */
export function seatEncoded(state: ScheduleState): { readonly state: ScheduleState; readonly seated: readonly SeatedRow[] } {
  if (state.encoding === null) throw new RangeError('The encoder has no batch.');
  const { pool, rows } = state.encoding;
  const free = [...freePlaces(state.pools[pool] as Pool)];
  const seated = rows.map(({ id, places }) => ({ id, pool, places: free.splice(0, places) }));
  const places = [...(state.pools[pool] as Pool).places];
  for (const row of seated) for (const place of row.places) places[place] = row.id;
  const pools = state.pools.map((one, index) => (index === pool ? { ...one, places } : one));
  return { state: { ...state, encoding: null, pools }, seated };
}

/** A row queues up, behind all that arrived before it; those that may be deferred, behind all others. */
export function arrive(state: ScheduleState, row: WaitingRow): ScheduleState {
  const pool = state.pools[poolFor(state.pools, row.context)];
  if (pool === undefined) throw new RangeError(`No pool has room for a context of ${row.context}.`);
  if (pool.places.length < placesOf(row)) {
    throw new RangeError(`A pool of ${pool.places.length} places has no room for a row that takes ${placesOf(row)}.`);
  }
  const lead = (other: WaitingRow) => deferral(other) - deferral(row) || other.arrivedMs - row.arrivedMs;
  const behind = state.waiting.findLastIndex((other) => lead(other) <= 0) + 1;
  return { ...state, waiting: state.waiting.toSpliced(behind, 0, row) };
}

/** A row is gone, wherever it was: finished, failed or cancelled. */
export function leave(state: ScheduleState, id: RowId): ScheduleState {
  const { encoding } = state;
  return {
    waiting: state.waiting.filter((row) => row.id !== id),
    encoding: encoding === null ? null : { ...encoding, rows: encoding.rows.filter((row) => row.id !== id) },
    pools: state.pools.map((pool) => {
      if (!pool.places.includes(id)) return pool;
      return { ...pool, places: pool.places.map((other) => (other === id ? null : other)) };
    }),
  };
}

/** The pool a context belongs to; −1 if there is none so long. */
export function poolFor(pools: readonly Pick<Pool, 'context'>[], context: number): number {
  return pools.findIndex((pool) => context <= pool.context);
}

export function takenPlaces(pool: Pool): number {
  return pool.places.reduce((count, id) => (id === null ? count : count + 1), 0);
}

function placesOf({ places = 1 }: WaitingRow): number {
  return places;
}

function freePlaces({ places }: Pool): readonly number[] {
  return places.flatMap((id, place) => (id === null ? [place] : []));
}

/** −1 if no pool has rows. */
function nextPool(pools: readonly Pool[]): number {
  const urgency = (pool: Pool) => takenPlaces(pool) + PLACES_PER_AGE * pool.age;
  return pools.reduce((best, pool, index) => {
    if (takenPlaces(pool) === 0) return best;
    const leader = pools[best];
    return leader === undefined || urgency(pool) > urgency(leader) ? index : best;
  }, -1);
}

/** The last ones into the first free places, if there are many of them: all places up to the last one taken are computed. */
function planMoves({ places }: Pool): readonly Move[] {
  const last = places.findLastIndex((id) => id !== null);
  const gaps = places.flatMap((id, place) => (id === null && place < last ? [place] : []));
  if (gaps.length <= MOST_GAPS * (last + 1)) return [];
  const movable = places.flatMap((id, place) => (id === null ? [] : [place])).reverse();
  return gaps.flatMap((to, index) => {
    const from = movable[index];
    return from !== undefined && from > to ? [{ from, to }] : [];
  });
}

function afterMoves(places: Pool['places'], moves: readonly Move[]): Pool['places'] {
  const moved = [...places];
  for (const { from, to } of moves) {
    moved[to] = moved[from] ?? null;
    moved[from] = null;
  }
  return moved;
}

interface EncodeCandidate {
  readonly pool: number;
  readonly rows: readonly RowId[];
  /** the row that waits longest for a pool with a place, in the batch or not */
  readonly oldestArrivedMs: number;
  /** nothing that arrives could join it */
  readonly full: boolean;
}

/** 1 for a row that goes behind the others. */
function deferral({ deferrable = false }: WaitingRow): number {
  return deferrable ? 1 : 0;
}

/** How much padding two rows would be to each other. */
function unlike(left: WaitingRow, right: WaitingRow): number {
  return Math.abs(left.context - right.context);
}

function planEncode(state: ScheduleState, limits: ScheduleLimits): EncodeCandidate | null {
  const poolOf = (row: WaitingRow) => poolFor(state.pools, row.context);
  const free = state.pools.map((pool) => freePlaces(pool).length);
  const fits = (row: WaitingRow) => placesOf(row) <= (free[poolOf(row)] as number);
  // where the first to wait has too few places, they are kept for it
  const open = state.pools.map((_, pool) => state.waiting.find((row) => poolOf(row) === pool)).map((row) => row && fits(row));
  const candidates = state.waiting.filter((row) => open[poolOf(row)] && fits(row));
  const [oldest] = candidates;
  if (oldest === undefined) return null;
  const head = candidates
    .filter((row) => deferral(row) === deferral(oldest) && row.arrivedMs - oldest.arrivedMs <= limits.togetherMs)
    .reduce((first, row) => (row.context > first.context ? row : first));
  const pool = poolOf(head);
  const alike = state.waiting
    .filter((row) => row !== head && poolOf(row) === pool)
    .sort((left, right) => deferral(left) - deferral(right) || unlike(left, head) - unlike(right, head));
  const chosen = [head];
  let left = (free[pool] as number) - placesOf(head);
  let [longest, positions] = [head.context, head.context];
  for (const row of alike) {
    const longer = Math.max(longest, row.context);
    const padded = longer * (chosen.length + 1);
    if (chosen.length >= limits.maxEncodeRows || placesOf(row) > left || padded > limits.maxEncodePositions) break;
    if (padded - positions - row.context > limits.maxEncodePadding * padded) break;
    chosen.push(row);
    left -= placesOf(row);
    [longest, positions] = [longer, positions + row.context];
  }
  const full = chosen.length >= limits.maxEncodeRows || left === 0 || longest * (chosen.length + 1) > limits.maxEncodePositions;
  return { pool, rows: chosen.map(({ id }) => id), oldestArrivedMs: oldest.arrivedMs, full };
}
