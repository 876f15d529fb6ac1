import {
  applyPlan,
  arrive,
  type BatchPlan,
  emptySchedule,
  leave,
  planBatch,
  type RowId,
  type ScheduleLimits,
  type ScheduleState,
  type SeatedRow,
  seatEncoded,
} from '../../asr/engine/schedule.ts';

/** A row as the world sees it: how it will end is known beforehand. */
export interface WorldRow {
  readonly id: RowId;
  /** encoder positions of its attempts */
  readonly contexts: readonly number[];
  /** decoder steps of each attempt */
  readonly steps: number;
  readonly arrivedMs: number;
  readonly deferrable: boolean;
  readonly places: number;
  attempt: number;
  stepsLeft: number;
}

/** What the world looked like when a plan was made. */
export interface Decision {
  /** of the rows that the encoder was done with, just before; null: there were none */
  readonly seating: { readonly before: ScheduleState; readonly seated: readonly SeatedRow[] } | null;
  readonly plan: BatchPlan;
  readonly state: ScheduleState;
  readonly nowMs: number;
}

/** A batch loop without a model: rows end after so many steps, and some are encoded again with more context. */
export class ScheduleWorld {
  readonly limits: ScheduleLimits;
  readonly alive = new Map<RowId, WorldRow>();
  readonly gone = new Set<RowId>();
  state: ScheduleState;
  nowMs = 0;
  #nextId = 1;
  readonly #encoderTurns: number;
  #encoderTurnsLeft = 0;

  /** @param encoderTurns so many turns after it was given a batch, the encoder is done with it; at least 1 */
  constructor(
    pools: readonly { readonly context: number; readonly places: number }[],
    limits: ScheduleLimits,
    encoderTurns = 1,
  ) {
    this.state = deepFreeze(emptySchedule(pools));
    this.limits = deepFreeze(limits);
    this.#encoderTurns = encoderTurns;
  }

  arrive(contexts: readonly number[], steps: number, { deferrable = false, places = 1 } = {}): WorldRow {
    const id = this.#nextId++ as RowId;
    const row = { id, contexts, steps, arrivedMs: this.nowMs, deferrable, places, attempt: 0, stepsLeft: steps };
    this.alive.set(id, row);
    this.#queue(row);
    return row;
  }

  cancel(id: RowId): void {
    this.#become(leave(this.state, id));
    this.alive.delete(id);
    this.gone.add(id);
  }

  /** Makes a plan and carries it out. */
  turn(): Decision {
    const seating = this.#seat();
    const { state, nowMs } = this;
    const plan = deepFreeze(planBatch(state, nowMs, this.limits));
    this.#become(applyPlan(state, plan));
    if (plan.kind === 'encode') this.#encoderTurnsLeft = this.#encoderTurns;
    if (plan.kind === 'decode') this.#decode(plan.pool);
    return { seating, plan, state, nowMs };
  }

  #seat(): Decision['seating'] {
    const before = this.state;
    if (before.encoding === null) return null;
    this.#encoderTurnsLeft -= 1;
    if (this.#encoderTurnsLeft > 0) return null;
    const { state, seated } = seatEncoded(before);
    this.#become(state);
    return { before, seated };
  }

  #decode(pool: number): void {
    for (const id of new Set(this.state.pools[pool]?.places)) {
      const row = id === null ? undefined : this.alive.get(id);
      if (row === undefined) continue;
      row.stepsLeft -= 1;
      if (row.stepsLeft > 0) continue;
      if (row.attempt + 1 === row.contexts.length) {
        this.cancel(row.id);
        continue;
      }
      this.#become(leave(this.state, row.id));
      row.attempt += 1;
      row.stepsLeft = row.steps;
      this.#queue(row);
    }
  }

  #queue(row: WorldRow): void {
    const context = row.contexts[row.attempt] as number;
    const { id, arrivedMs, deferrable, places } = row;
    this.#become(arrive(this.state, { id, context, arrivedMs, deferrable, places }));
  }

  /** Frozen, so that whoever changes a state instead of making the next one is found out. */
  #become(next: ScheduleState): void {
    this.state = deepFreeze(next);
  }
}

export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
