import type { FloraAsrError } from '../../kernels/errors.ts';
import { isSettled } from '../decoding/beam-search.ts';
import { BatchMeter } from './batch-meter.ts';
import type { BatchView } from './batch-view.ts';
import { placeBranches } from './beam-places.ts';
import { DecodePool } from './decode-pool.ts';
import type { Encoder, Encoding } from './encoder.ts';
import type { EngineStats } from './engine-stats.ts';
import { type FedRow, foldAnswers, nextToken, opening, openingLength, type RowAnswers, wishesOf } from './fed-row.ts';
import type { Recognition, UtteranceJob } from './job.ts';
import { attemptOf, beamWidth, contextOf, judgeRow, type LiveRow, liveRow, type RowContext } from './live-row.ts';
import { rowWords } from './row-words.ts';
import {
  applyPlan,
  arrive,
  type BatchPlan,
  emptySchedule,
  leave,
  type Move,
  planBatch,
  type RowId,
  type ScheduleLimits,
  type ScheduleState,
  type SeatedRow,
  seatEncoded,
} from './schedule.ts';
import type { WhisperDecoder } from './whisper-decoder.ts';

export interface BatchLoopOptions extends RowContext {
  readonly encoder: Pick<Encoder, 'encode'>;
  readonly decoder: WhisperDecoder;
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

/**
 * Whether there was work; if not, there is none before that time, or before the encoder is done with what it works on.
 * `encoded` never rejects.
 */
export type Progress =
  | { readonly kind: 'worked' }
  | { readonly kind: 'idle'; readonly untilMs: number | null; readonly encoded: Promise<void> | null };

/** Rows that were given to the encoder together, in its order. */
interface GivenBatch {
  readonly rows: readonly LiveRow[];
  readonly begunMs: number;
}

/** What a row's hypotheses were fed, and what the model said. */
interface Answered {
  readonly fed: readonly FedRow[];
  readonly said: readonly RowAnswers[];
}

/** What became of them. */
type EncodedOutcome = GivenBatch & ({ readonly encoding: Encoding } | { readonly error: unknown });

/**
 * The shared batch: takes jobs at any time between two turns. In each turn it gives the encoder its next batch, if it is
 * free, and has the decoder carry out one plan of the scheduler: tokens of rows that are fresh from the encoder, or a step
 * of a pool. An encoder in another thread works meanwhile.
 *
 * Invariants: a job that was submitted and not cancelled ends in exactly one result or failure. A row's result depends
 * on its job alone: features, encoder, decoder and guards never look at its neighbours.
 */
export class BatchLoop {
  readonly #options: BatchLoopOptions;
  readonly #rows = new Map<RowId, LiveRow>();
  readonly #pools: readonly DecodePool[];
  readonly #meter: BatchMeter;
  #schedule: ScheduleState;
  /** until the encoder is done */
  #encoding: Promise<void> | null = null;
  /** what it was done with, until the next turn */
  #outcome: EncodedOutcome | null = null;

  constructor(options: BatchLoopOptions) {
    this.#options = options;
    this.#meter = new BatchMeter(options.clock);
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
    this.#meter.left('cancelled');
  }

  /** Gives the encoder its next batch, if it is free, and lets the decoder do one thing. */
  async turn(): Promise<Progress> {
    const outcome = this.#outcome;
    this.#outcome = null;
    const seated = outcome === null ? [] : this.#seat();
    const plan = this.#plan();
    if (outcome !== null) {
      await this.#withRows(seated, () => this.#open(outcome, seated));
      return { kind: 'worked' };
    }
    this.#schedule = applyPlan(this.#schedule, plan);
    if (plan.kind === 'idle') return { ...plan, encoded: this.#encoding };
    await this.#withRows(identified(this.#rowsIn(plan.pool)), () => this.#decode(plan));
    return { kind: 'worked' };
  }

  stats(): EngineStats {
    return this.#meter.stats();
  }

  view(): BatchView {
    const { waiting, encoding, pools } = this.#schedule;
    return {
      waitingRows: waiting.length + (encoding?.rows.length ?? 0),
      pools: pools.map(({ context, places }) => ({
        context,
        rows: new Set(places.filter((id) => id !== null)).size,
        places: places.length,
      })),
      encoded: this.#meter.lastEncoded,
    };
  }

  /** Time in which neither the encoder nor the decoder had anything to do, for the statistics. */
  countIdle(milliseconds: number): void {
    this.#meter.idled(milliseconds);
  }

  /** Gives the encoder what it can have. @returns what is next for the decoder */
  #plan(): Exclude<BatchPlan, { kind: 'encode' }> {
    const plan = planBatch(this.#schedule, this.#options.clock(), this.#options.limits);
    if (plan.kind !== 'encode') return plan;
    this.#schedule = applyPlan(this.#schedule, plan);
    this.#encoding = this.#encode(plan.rows.map((id) => this.#row(id)));
    return this.#plan();
  }

  /** Waits for the encoder, and leaves what comes of it to the next turn. */
  async #encode(planned: readonly LiveRow[]): Promise<void> {
    const { encoder, clock } = this.#options;
    // those with as many tokens to begin with stand beside each other
    const rows = planned.toSorted((left, right) => openingLength(left) - openingLength(right));
    const given: GivenBatch = { rows, begunMs: clock() };
    const jobs = rows.map((row) => ({
      samples: row.job.samples,
      context: contextOf(row),
      adapterSlot: row.job.adapterSlot,
    }));
    try {
      this.#outcome = { ...given, encoding: await encoder.encode(jobs) };
    } catch (error) {
      this.#outcome = { ...given, error };
    }
    this.#encoding = null;
  }

  #seat(): readonly SeatedRow[] {
    const { state, seated } = seatEncoded(this.#schedule);
    this.#schedule = state;
    return seated;
  }

  /** Feeds rows that were encoded together what they are sure to begin with. Those that have left meanwhile are fed, too. */
  async #open(outcome: EncodedOutcome, seated: readonly SeatedRow[]): Promise<void> {
    if ('error' in outcome) throw outcome.error;
    const { rows, begunMs, encoding } = outcome;
    this.#meter.encoded(rows, begunMs, encoding);
    if (seated.length === 0) return;
    const { decoder, clock } = this.#options;
    const begun = clock();
    const openings = rows.map((row) => opening(row, decoder.masks));
    const opened = await decoder.open(encoding.rows, openings, wishesOf(rows));
    const joining = clock();
    const seats = new Map(seated.map((seat) => [seat.id, seat]));
    for (const [index, row] of rows.entries()) {
      const seat = seats.get(row.job.id);
      if (seat === undefined) continue;
      const pool = this.#pools[seat.pool] as DecodePool;
      row.places = seat.places;
      for (const place of seat.places) pool.join(place, encoding.rows[index] as (typeof encoding.rows)[number]);
      pool.append(seat.places[0] as number, (opened[index] as (typeof opened)[number]).keysValues, 0);
    }
    this.#meter.opened(rows, { runMs: joining - begun, joinMs: clock() - joining });
    for (const [index, row] of rows.entries()) {
      const seat = seats.get(row.job.id);
      if (seat === undefined) continue;
      const pool = this.#pools[seat.pool] as DecodePool;
      this.#take(row, pool, { fed: [openings[index] as FedRow], said: [opened[index] as RowAnswers] });
    }
  }

  async #decode({ pool: poolIndex, moves }: Extract<BatchPlan, { kind: 'decode' }>): Promise<void> {
    const { decoder, clock } = this.#options;
    const begun = clock();
    const pool = this.#pools[poolIndex] as DecodePool;
    const rows = this.#rowsIn(poolIndex);
    this.#move(pool, rows, moves);
    const fed: (FedRow | null)[] = Array.from({ length: this.#takenUpTo(poolIndex) }, () => null);
    for (const row of rows) {
      for (const [index, { decoding }] of row.beam.entries()) {
        fed[row.places[index] as number] = nextToken(row, decoding, decoder.masks);
      }
    }
    const outputs = await decoder.step(pool, fed, wishesOf(rows));
    const { runMs, appendMs } = outputs;
    this.#meter.stepped(rows, { runMs, appendMs, wholeMs: clock() - begun });
    for (const row of rows) {
      const places = row.places.slice(0, row.beam.length);
      const said = places.map((place) => outputs.rows[place] as RowAnswers);
      this.#take(row, pool, { fed: places.map((place) => fed[place] as FedRow), said });
    }
    if (this.#takenUpTo(poolIndex) === 0) pool.shrink();
    this.#meter.scripted(clock() - begun - runMs - appendMs);
  }

  #move(pool: DecodePool, rows: readonly LiveRow[], moves: readonly Move[]): void {
    for (const { from, to } of moves) pool.move(from, to);
    const moved = new Map(moves.map(({ from, to }) => [from, to]));
    for (const row of rows) row.places = row.places.map((place) => moved.get(place) ?? place);
  }

  /** What the model said of the row's hypotheses. */
  #take(row: LiveRow, pool: DecodePool, { fed, said }: Answered): void {
    const { live, ended } = foldAnswers(row, fed, said);
    if (row.job.purpose === 'language') return this.#tellLanguages(row, said);
    const { places, forks } = placeBranches(
      row.places,
      live.map(({ from }) => from),
    );
    row.beam = live.map(({ hypothesis }) => hypothesis);
    row.ended.push(...ended);
    if (isSettled(row.beam, row.ended, beamWidth(row))) return this.#judge(row, pool);
    for (const { from, to } of forks) pool.fork(from, to);
    row.places = places;
  }

  #judge(row: LiveRow, pool: DecodePool): void {
    const tripsBefore = row.trips.length;
    const verdict = judgeRow(row, this.#options, this.#options.clock());
    this.#meter.tripped(row.trips.slice(tripsBefore));
    if (verdict.kind === 'retry') {
      this.#meter.retried();
      // it may keep its place, and begin again there
      if (verdict.encoded) return;
      this.#schedule = leave(this.#schedule, row.job.id);
      return this.#queue(row);
    }
    const { recognition } = verdict;
    // the audio is the same in all of its places
    const seat = { pool, place: row.places[0] as number };
    const words = row.job.words ? rowWords(row, verdict, this.#options, seat) : null;
    this.#end(row);
    this.#options.onResult(row.job.id, { ...recognition, words });
  }

  #tellLanguages(row: LiveRow, [said]: readonly RowAnswers[]): void {
    this.#end(row);
    this.#options.onLanguages(row.job.id, Array.from(said?.answers[0]?.languageLogProbs ?? []));
  }

  #end({ job }: LiveRow): void {
    this.#remove(job.id);
    this.#meter.left('finished');
  }

  #queue(row: LiveRow): void {
    const { job, arrivedMs } = row;
    const { context, beamSize: places } = attemptOf(row);
    this.#schedule = arrive(this.#schedule, { id: job.id, context, places, arrivedMs, deferrable: job.deferrable });
  }

  #remove(id: RowId): void {
    this.#rows.delete(id);
    this.#schedule = leave(this.#schedule, id);
  }

  /** Places of a pool, up to the last one that is taken. */
  #takenUpTo(pool: number): number {
    return (this.#schedule.pools[pool]?.places ?? []).findLastIndex((id) => id !== null) + 1;
  }

  #rowsIn(pool: number): readonly LiveRow[] {
    const ids = new Set(this.#schedule.pools[pool]?.places);
    return [...ids].flatMap((id) => (id === null ? [] : [this.#row(id)]));
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
        this.#meter.left('failed');
        this.#options.onFailure(id, error as FloraAsrError);
      }
    }
  }
}

function identified(rows: readonly LiveRow[]): readonly { readonly id: RowId }[] {
  return rows.map(({ job: { id } }) => ({ id }));
}
