import type { FloraAsrError } from '../../kernels/errors.ts';
import { FRAMES_PER_POSITION } from '../features/context.ts';
import { logMel } from '../features/log-mel.ts';
import type { MelFrames } from '../features/mel-frames.ts';
import { type BatchView, type EncodedBatch, MOST_ENCODED } from './batch-view.ts';
import { DecodePool } from './decode-pool.ts';
import { type EngineCounters, type EngineStats, zeroCounters } from './engine-stats.ts';
import { type FedRow, foldAnswers, nextToken, opening, type RowAnswers, wishesOf } from './fed-row.ts';
import type { Recognition, UtteranceJob } from './job.ts';
import { contextOf, judgeRow, type LiveRow, liveRow, type RowContext } from './live-row.ts';
import { rowWords, type Seat } from './row-words.ts';
import {
  applyPlan,
  arrive,
  type BatchPlan,
  type EncodedPlace,
  emptySchedule,
  leave,
  planBatch,
  type RowId,
  type ScheduleLimits,
  type ScheduleState,
} from './schedule.ts';
import type { WhisperModel } from './whisper-model.ts';

export interface BatchLoopOptions extends RowContext {
  readonly model: WhisperModel;
  readonly pools: readonly { readonly context: number; readonly places: number }[];
  readonly limits: ScheduleLimits;
  /** milliseconds, monotonic */
  readonly clock: () => number;
  readonly onResult: (id: RowId, recognition: Recognition) => void;
  /** Of a job whose purpose is the language: log-probabilities of the model's languages, in the configuration's order. */
  readonly onLanguages: (id: RowId, logProbs: readonly number[]) => void;
  /** An error belongs to all rows of its batch; the others go on. */
  readonly onFailure: (id: RowId, error: unknown) => void;
}

/** Whether there was work, and until when there is none. */
export type Progress = { readonly kind: 'worked' } | { readonly kind: 'idle'; readonly untilMs: number | null };

/**
 * The shared batch: takes jobs at any time between two turns, and in each turn carries out one plan of the scheduler.
 *
 * Invariants: a job that was submitted and not cancelled ends in exactly one result or failure. A row's result depends
 * on its job alone: features, encoder, decoder and guards never look at its neighbours.
 */
export class BatchLoop {
  readonly #options: BatchLoopOptions;
  readonly #rows = new Map<RowId, LiveRow>();
  readonly #pools: readonly DecodePool[];
  readonly #counters: EngineCounters = zeroCounters();
  readonly #encoded: EncodedBatch[] = [];
  #schedule: ScheduleState;

  constructor(options: BatchLoopOptions) {
    this.#options = options;
    this.#schedule = emptySchedule(options.pools);
    this.#pools = this.#schedule.pools.map(
      ({ context, places }) => new DecodePool(options.config, { context, slots: places.length }),
    );
    // most rows are short; longer ones may never come
    this.#pools[0]?.reserve();
  }

  submit(job: UtteranceJob): void {
    const row = liveRow(job, this.#options.clock(), this.#options);
    this.#rows.set(job.id, row);
    this.#queue(row);
  }

  /** The row leaves at once; it gets no result. Unknown rows have left already. */
  cancel(id: RowId): void {
    if (!this.#rows.has(id)) return;
    this.#remove(id);
    this.#counters.cancelledRows += 1;
  }

  /** Carries out one plan. */
  async turn(): Promise<Progress> {
    const plan = planBatch(this.#schedule, this.#options.clock(), this.#options.limits);
    this.#schedule = applyPlan(this.#schedule, plan);
    switch (plan.kind) {
      case 'idle':
        return { kind: 'idle', untilMs: plan.untilMs };
      case 'encode':
        await this.#withRows(plan.rows, () => this.#encode(plan.rows));
        return { kind: 'worked' };
      case 'decode':
        await this.#withRows(this.#rowsIn(plan.pool), () => this.#decode(plan));
        return { kind: 'worked' };
    }
  }

  stats(): EngineStats {
    return structuredClone(this.#counters);
  }

  view(): BatchView {
    const { waiting, pools } = this.#schedule;
    return {
      waitingRows: waiting.length,
      pools: pools.map(({ context, places }) => ({
        context,
        rows: places.filter((id) => id !== null).length,
        places: places.length,
      })),
      encoded: [...this.#encoded],
    };
  }

  /** Time that passed without a turn, for the statistics. */
  countIdle(milliseconds: number): void {
    this.#counters.milliseconds.idle += milliseconds;
  }

  /** And feeds each row what it is sure to begin with. */
  async #encode(planned: readonly EncodedPlace[]): Promise<void> {
    const { model, config, clock } = this.#options;
    const begun = clock();
    // those with as many tokens to begin with stand beside each other
    const openings = planned
      .map((place) => ({ place, row: this.#row(place.id), fed: opening(this.#row(place.id), model.masks) }))
      .sort((left, right) => left.fed.tokens.length - right.fed.tokens.length);
    const rows = openings.map(({ row }) => row);
    const mels = rows.map((row) => this.#features(row, config.mels));
    const encoding = clock();
    const encoded = await model.encode(
      rows.map((row, index) => ({ mel: mels[index] as MelFrames, adapterSlot: row.job.adapterSlot })),
    );
    const feeding = clock();
    const opened = await model.open(
      encoded,
      openings.map(({ fed }) => fed),
      wishesOf(rows),
    );
    const joining = clock();
    const seats = openings.map(({ place: { pool, place } }) => ({ pool: this.#pools[pool] as DecodePool, place }));
    seats.forEach(({ pool, place }, index) => {
      pool.join(place, encoded[index] as (typeof encoded)[number]);
      pool.append(place, (opened[index] as (typeof opened)[number]).keysValues, 0);
    });
    const ended = clock();
    const share = (milliseconds: number) => milliseconds / rows.length;
    for (const row of rows) {
      row.waitMs += begun - row.queuedMs;
      row.encodeMs += share(feeding - encoding + ended - joining);
      row.decodeMs += share(joining - feeding);
    }
    const contexts = rows.map(contextOf);
    this.#counters.encodeBatches += 1;
    this.#counters.encodedRows += rows.length;
    this.#keepEncoded(rows);
    this.#counters.positions += contexts.reduce((sum, context) => sum + context, 0);
    this.#counters.paddedPositions += Math.max(...contexts) * rows.length;
    this.#counters.mixedBatches += isMixed(rows) ? 1 : 0;
    this.#counters.milliseconds.features += encoding - begun;
    this.#counters.milliseconds.encode += feeding - encoding;
    this.#counters.milliseconds.decode += joining - feeding;
    this.#counters.milliseconds.join += ended - joining;
    openings.forEach(({ row, fed }, index) => {
      const seat = seats[index] as Seat;
      // a row that may have no tokens at all has ended already
      if (row.decoding.ending !== null) this.#judge(row, seat);
      else this.#take(row, { fed, said: opened[index] as RowAnswers, seat });
    });
  }

  #keepEncoded(rows: readonly LiveRow[]): void {
    const number = this.#counters.encodeBatches;
    this.#encoded.push({ number, rows: rows.map((row) => ({ id: row.job.id, context: contextOf(row) })) });
    if (this.#encoded.length > MOST_ENCODED) this.#encoded.shift();
  }

  #features(row: LiveRow, mels: number): MelFrames {
    const begun = this.#options.clock();
    const features = logMel(row.job.samples, { mels, frames: FRAMES_PER_POSITION * contextOf(row) });
    row.featuresMs += this.#options.clock() - begun;
    return features;
  }

  async #decode({ pool: poolIndex, moves }: Extract<BatchPlan, { kind: 'decode' }>): Promise<void> {
    const { model, clock } = this.#options;
    const begun = clock();
    const pool = this.#pools[poolIndex] as DecodePool;
    for (const { from, to } of moves) pool.move(from, to);
    const places = this.#places(poolIndex);
    const fed = places.map((row) => (row === null ? null : nextToken(row, model.masks)));
    const outputs = await model.step(pool, fed, wishesOf(places));
    const ended = clock();
    const rows = places.filter((row) => row !== null);
    const share = (ended - begun) / rows.length;
    this.#counters.decodeSteps += 1;
    this.#counters.decodedTokens += rows.length;
    this.#counters.mixedSteps += isMixed(rows) ? 1 : 0;
    this.#counters.milliseconds.decode += outputs.runMs;
    this.#counters.milliseconds.append += outputs.appendMs;
    places.forEach((row, place) => {
      if (row === null) return;
      row.decodeMs += share;
      this.#take(row, { fed: fed[place] as FedRow, said: outputs.rows[place] as RowAnswers, seat: { pool, place } });
    });
    if (this.#places(poolIndex).length === 0) pool.shrink();
    this.#counters.milliseconds.script += clock() - begun - outputs.runMs - outputs.appendMs;
  }

  /** What the model said of the row's tokens. */
  #take(row: LiveRow, { fed, said, seat }: { fed: FedRow; said: RowAnswers; seat: Seat }): void {
    foldAnswers(row, fed, said);
    if (row.job.purpose === 'language') this.#tellLanguages(row, said);
    else if (row.decoding.ending !== null) this.#judge(row, seat);
  }

  #judge(row: LiveRow, seat: Seat): void {
    const tripsBefore = row.trips.length;
    const verdict = judgeRow(row, this.#options, this.#options.clock());
    for (const trip of row.trips.slice(tripsBefore)) this.#counters.trips[trip] += 1;
    if (verdict.kind === 'retry') {
      this.#counters.retries += 1;
      // it may keep its place, and begin again there
      if (verdict.encoded) return;
      this.#schedule = leave(this.#schedule, row.job.id);
      return this.#queue(row);
    }
    const { recognition } = verdict;
    const words = row.job.words ? rowWords(row, recognition, this.#options, seat) : null;
    this.#end(row);
    this.#options.onResult(row.job.id, { ...recognition, words });
  }

  #tellLanguages(row: LiveRow, { answers }: RowAnswers): void {
    this.#end(row);
    this.#options.onLanguages(row.job.id, Array.from(answers[0]?.languageLogProbs ?? []));
  }

  #end({ job }: LiveRow): void {
    this.#remove(job.id);
    this.#counters.finishedRows += 1;
  }

  #queue(row: LiveRow): void {
    const { job, arrivedMs } = row;
    this.#schedule = arrive(this.#schedule, { id: job.id, context: contextOf(row), arrivedMs, deferrable: job.deferrable });
  }

  #remove(id: RowId): void {
    this.#rows.delete(id);
    this.#schedule = leave(this.#schedule, id);
  }

  /** By place, up to the last one that is taken. */
  #places(pool: number): readonly (LiveRow | null)[] {
    const places = this.#schedule.pools[pool]?.places ?? [];
    const last = places.findLastIndex((id) => id !== null);
    return places.slice(0, last + 1).map((id) => (id === null ? null : this.#row(id)));
  }

  #rowsIn(pool: number): readonly { readonly id: RowId }[] {
    return this.#places(pool).flatMap((row) => (row === null ? [] : [{ id: row.job.id }]));
  }

  #row(id: RowId): LiveRow {
    const row = this.#rows.get(id);
    if (row === undefined) throw new RangeError(`The schedule has a row ${id} that is not there.`);
    return row;
  }

  /** What goes wrong in a batch ends its rows, and no others. */
  async #withRows(rows: readonly { readonly id: RowId }[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      for (const { id } of rows) {
        if (!this.#rows.has(id)) continue;
        this.#remove(id);
        this.#counters.failedRows += 1;
        this.#options.onFailure(id, error as FloraAsrError);
      }
    }
  }
}

function isMixed(rows: readonly LiveRow[]): boolean {
  return rows.some((row) => row.job.adapterSlot !== rows[0]?.job.adapterSlot);
}
