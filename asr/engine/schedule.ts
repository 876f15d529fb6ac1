/** Identifies a row's current attempt at its utterance. */
export type RowId = number & { readonly __brand: 'RowId' };

/** A row that waits for the encoder. */
export interface WaitingRow {
  readonly id: RowId;
  /** encoder positions it is to be encoded with */
  readonly context: number;
  readonly arrivedMs: number;
}

/** Rows that decode side by side; their cross-attention caches have one capacity. */
export interface Pool {
  /** the longest context that fits */
  readonly context: number;
  /** by place; null where it is free */
  readonly places: readonly (RowId | null)[];
}

/** Everything that scheduling depends on. Plain data: `planBatch` reads it, `applyPlan` and the others make the next. */
export interface ScheduleState {
  /** in order of arrival */
  readonly waiting: readonly WaitingRow[];
  /** by ascending context */
  readonly pools: readonly Pool[];
  /** pools that have had their step since the encoder last ran, or since all of them had one */
  readonly stepped: readonly number[];
}

export interface ScheduleLimits {
  /** how long a row may wait for others that could share its encoder batch */
  readonly maxWaitMs: number;
  readonly maxEncodeRows: number;
  /** rows × the longest row's context, beyond the first row */
  readonly maxEncodePositions: number;
  /** how much of that may be padding, from 0 to 1 */
  readonly maxEncodePadding: number;
}

export interface EncodedPlace {
  readonly id: RowId;
  readonly pool: number;
  readonly place: number;
}

/** What to run next. */
export type BatchPlan =
  | { readonly kind: 'encode'; readonly rows: readonly EncodedPlace[] }
  /** one token for every row of a pool */
  | { readonly kind: 'decode'; readonly pool: number }
  /** nothing until something arrives, or that time */
  | { readonly kind: 'idle'; readonly untilMs: number | null };

export function emptySchedule(pools: readonly { readonly context: number; readonly places: number }[]): ScheduleState {
  const ordered = [...pools].sort((left, right) => left.context - right.context);
  return {
    waiting: [],
    pools: ordered.map(({ context, places }) => ({ context, places: Array.from({ length: places }, () => null) })),
    stepped: [],
  };
}

/**
 * Decides what runs next, from the state and the clock alone.
 *
 * The encoder and the decoder take turns: after a batch was encoded, every pool with rows has a step before the next
 * batch, so that neither starves. An encoder batch is built around the row that waits longest among those whose pool
 * has a place, of rows of the same pool with the most similar contexts; it runs when it is full, or when that row has
 * waited long enough.
 */
export function planBatch(state: ScheduleState, nowMs: number, limits: ScheduleLimits): BatchPlan {
  const owed = state.pools.findIndex((pool, index) => rowsOf(pool) > 0 && !state.stepped.includes(index));
  const encode = planEncode(state, limits);
  const decoding = state.pools.some((pool) => rowsOf(pool) > 0);
  // with nothing to decode there is no turn to wait for
  if (encode !== null && (owed === -1 || !decoding)) {
    const dueMs = encode.headArrivedMs + limits.maxWaitMs;
    if (encode.full || nowMs >= dueMs) return { kind: 'encode', rows: encode.rows };
    if (!decoding) return { kind: 'idle', untilMs: dueMs };
  }
  if (owed !== -1) return { kind: 'decode', pool: owed };
  const next = state.pools.findIndex((pool) => rowsOf(pool) > 0);
  return next === -1 ? { kind: 'idle', untilMs: null } : { kind: 'decode', pool: next };
}

/** The state after a plan was carried out. Rows leave by `leave`, when their results say so. */
export function applyPlan(state: ScheduleState, plan: BatchPlan): ScheduleState {
  switch (plan.kind) {
    case 'idle':
      return state;
    case 'decode': {
      const begun = state.pools.every((pool, index) => rowsOf(pool) === 0 || state.stepped.includes(index));
      return { ...state, stepped: begun ? [plan.pool] : [...state.stepped, plan.pool] };
    }
    case 'encode': {
      const placed = new Map(plan.rows.map((row) => [row.id, row]));
      const pools = state.pools.map((pool, index) => {
        const joining = plan.rows.filter((row) => row.pool === index);
        if (joining.length === 0) return pool;
        const places = [...pool.places];
        for (const { id, place } of joining) places[place] = id;
        return { ...pool, places };
      });
      return { waiting: state.waiting.filter((row) => !placed.has(row.id)), pools, stepped: [] };
    }
  }
}

/** A row queues up, behind all that arrived before it. */
export function arrive(state: ScheduleState, row: WaitingRow): ScheduleState {
  if (poolFor(state.pools, row.context) === -1) throw new RangeError(`No pool has room for a context of ${row.context}.`);
  const behind = state.waiting.findLastIndex((other) => other.arrivedMs <= row.arrivedMs) + 1;
  return { ...state, waiting: state.waiting.toSpliced(behind, 0, row) };
}

/** A row is gone, wherever it was: finished, failed or cancelled. */
export function leave(state: ScheduleState, id: RowId): ScheduleState {
  return {
    waiting: state.waiting.filter((row) => row.id !== id),
    pools: state.pools.map((pool) => {
      const place = pool.places.indexOf(id);
      return place === -1 ? pool : { ...pool, places: pool.places.with(place, null) };
    }),
    stepped: state.stepped,
  };
}

/** The pool a context belongs to; −1 if there is none so long. */
export function poolFor(pools: readonly Pick<Pool, 'context'>[], context: number): number {
  return pools.findIndex((pool) => context <= pool.context);
}

export function rowsOf(pool: Pool): number {
  return pool.places.reduce((count, id) => (id === null ? count : count + 1), 0);
}

interface EncodeCandidate {
  readonly rows: readonly EncodedPlace[];
  readonly headArrivedMs: number;
  /** nothing that arrives could join it */
  readonly full: boolean;
}

function planEncode(state: ScheduleState, limits: ScheduleLimits): EncodeCandidate | null {
  const hasPlace = state.pools.map((pool) => pool.places.includes(null));
  const poolOf = (row: WaitingRow) => poolFor(state.pools, row.context);
  const head = state.waiting.find((row) => hasPlace[poolOf(row)]);
  if (head === undefined) return null;
  const pool = poolOf(head);
  const free = (state.pools[pool] as Pool).places.flatMap((id, place) => (id === null ? [place] : []));
  const alike = state.waiting
    .filter((row) => row !== head && poolOf(row) === pool)
    .sort((left, right) => Math.abs(left.context - head.context) - Math.abs(right.context - head.context));
  const most = Math.min(limits.maxEncodeRows, free.length);
  const chosen = [head];
  let [longest, positions] = [head.context, head.context];
  for (const row of alike) {
    const longer = Math.max(longest, row.context);
    const padded = longer * (chosen.length + 1);
    if (chosen.length >= most || padded > limits.maxEncodePositions) break;
    if (padded - positions - row.context > limits.maxEncodePadding * padded) break;
    chosen.push(row);
    [longest, positions] = [longer, positions + row.context];
  }
  const full = chosen.length >= most || longest * (chosen.length + 1) > limits.maxEncodePositions;
  const rows = chosen.map(({ id }, index) => ({ id, pool, place: free[index] as number }));
  return { rows, headArrivedMs: head.arrivedMs, full };
}
