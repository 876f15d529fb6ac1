import type { GuardTrip } from '../decoding/guards.ts';
import { type EncodedBatch, MOST_ENCODED } from './batch-view.ts';
import type { Encoding } from './encoder.ts';
import { type EngineCounters, type EngineStats, zeroCounters } from './engine-stats.ts';
import { contextOf, type LiveRow } from './live-row.ts';

/** How a row left the batch. */
export type Departure = 'finished' | 'failed' | 'cancelled';

/** One step of the decoder, in milliseconds. */
export interface StepTimes {
  readonly runMs: number;
  readonly appendMs: number;
  readonly wholeMs: number;
}

/** What the batch has done, and where the time went: of the engine as a whole, and of each row its share. */
export class BatchMeter {
  readonly #counters: EngineCounters = zeroCounters();
  readonly #encoded: EncodedBatch[] = [];
  /** milliseconds, monotonic */
  readonly #clock: () => number;
  readonly #startedMs: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#startedMs = clock();
  }

  /** A run of the encoder that was begun then. */
  encoded(rows: readonly LiveRow[], begunMs: number, { featuresMs, encodeMs }: Encoding): void {
    for (const [index, row] of rows.entries()) {
      row.waitMs += begunMs - row.queuedMs;
      row.featuresMs += featuresMs[index] as number;
      row.encodeMs += encodeMs / rows.length;
    }
    const contexts = rows.map(contextOf);
    const counters = this.#counters;
    counters.encodeBatches += 1;
    counters.encodedRows += rows.length;
    counters.positions += sum(contexts);
    counters.paddedPositions += Math.max(...contexts) * rows.length;
    counters.mixedBatches += isMixed(rows) ? 1 : 0;
    counters.milliseconds.features += sum(featuresMs);
    counters.milliseconds.encode += encodeMs;
    const number = counters.encodeBatches;
    this.#encoded.push({ number, rows: rows.map((row) => ({ id: row.job.id, context: contextOf(row) })) });
    if (this.#encoded.length > MOST_ENCODED) this.#encoded.shift();
  }

  /** Rows were fed what they begin with, and joined their pools. */
  opened(rows: readonly LiveRow[], { runMs, joinMs }: { readonly runMs: number; readonly joinMs: number }): void {
    this.#counters.milliseconds.decode += runMs;
    this.#counters.milliseconds.join += joinMs;
    for (const row of rows) {
      row.encodeMs += joinMs / rows.length;
      row.decodeMs += runMs / rows.length;
    }
  }

  /** A step of the decoder, with one token for each hypothesis of these rows. */
  stepped(rows: readonly LiveRow[], { runMs, appendMs, wholeMs }: StepTimes): void {
    const hypotheses = sum(rows.map((row) => row.beam.length));
    const counters = this.#counters;
    counters.decodeSteps += 1;
    counters.decodedTokens += hypotheses;
    counters.mixedSteps += isMixed(rows) ? 1 : 0;
    counters.milliseconds.decode += runMs;
    counters.milliseconds.append += appendMs;
    for (const row of rows) row.decodeMs += (wholeMs * row.beam.length) / hypotheses;
  }

  left(how: Departure): void {
    this.#counters[`${how}Rows`] += 1;
  }

  /** A row begins again. */
  retried(): void {
    this.#counters.retries += 1;
  }

  tripped(trips: readonly GuardTrip[]): void {
    for (const trip of trips) this.#counters.trips[trip] += 1;
  }

  /** Time of the scheduling thread's own. */
  scripted(milliseconds: number): void {
    this.#counters.milliseconds.script += milliseconds;
  }

  /** Time in which neither the encoder nor the decoder had anything to do. */
  idled(milliseconds: number): void {
    this.#counters.milliseconds.idle += milliseconds;
  }

  stats(): EngineStats {
    return structuredClone({ ...this.#counters, upMilliseconds: this.#clock() - this.#startedMs });
  }

  /** The last runs of the encoder, in their order. */
  get lastEncoded(): readonly EncodedBatch[] {
    return [...this.#encoded];
  }
}

function isMixed(rows: readonly LiveRow[]): boolean {
  return rows.some((row) => row.job.adapterSlot !== rows[0]?.job.adapterSlot);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
