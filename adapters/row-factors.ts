import { type BoundaryTensor, type Feeds, tensor } from '../kernels/session.ts';
import type { AdapterBank } from './bank.ts';
import type { Target } from './target.ts';

/** One input of a graph, for as many rows as have come so far. */
interface FactorInput {
  readonly name: string;
  /** of one row: [rank, out], [rank, in], … */
  readonly shape: readonly number[];
  /** elements of one row */
  readonly size: number;
  /** [slots, ...shape], the bank's own */
  readonly bank: Float32Array;
  /** [capacity, ...shape] */
  rows: Float32Array;
}

/** What a row holds: a slot's content, as it was at some version. */
interface Held {
  readonly slot: number;
  readonly version: number;
}

/**
 * The factors of a batch's rows, as the inputs of one graph. They are gathered here and not inside of the graph, where
 * a node for each of a hundred inputs would run again at every token: a row that stays where it is costs nothing.
 *
 * Invariant: row i holds what its slot held when it was last asked for; `feeds` copies where that has changed.
 */
export class RowFactors {
  readonly #bank: AdapterBank;
  readonly #inputs: readonly FactorInput[];
  readonly #held: Held[] = [];
  /** by the number of rows */
  readonly #feeds = new Map<number, Feeds>();
  #capacity = 0;

  /** @throws FloraAsrError `argument_invalid` for a target that the bank does not have */
  constructor(bank: AdapterBank, targets: readonly Target[]) {
    this.#bank = bank;
    this.#inputs = targets
      .flatMap(({ name }) => bank.tensorsFor(name))
      .map(({ name, shape: [, ...shape], values }) => ({
        name,
        shape,
        size: values.length / bank.slots,
        bank: values,
        rows: new Float32Array(0),
      }));
  }

  /**
   * @param slots of each row of the batch
   * @returns under the names by which the graphs take them, [rows, ...factor] each. Valid until the next call.
   */
  feeds(slots: readonly number[]): Feeds {
    this.#reserve(slots.length);
    for (const [row, slot] of slots.entries()) this.#hold(row, slot);
    const known = this.#feeds.get(slots.length);
    if (known !== undefined) return known;
    const feeds: Record<string, BoundaryTensor> = {};
    for (const { name, shape, size, rows } of this.#inputs) {
      feeds[name] = tensor(rows.subarray(0, slots.length * size), [slots.length, ...shape]);
    }
    this.#feeds.set(slots.length, feeds);
    return feeds;
  }

  #hold(row: number, slot: number): void {
    const version = this.#bank.version(slot);
    const held = this.#held[row];
    if (held?.slot === slot && held.version === version) return;
    for (const { size, bank, rows } of this.#inputs) rows.set(bank.subarray(slot * size, (slot + 1) * size), row * size);
    this.#held[row] = { slot, version };
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = Math.max(rows, 2 * this.#capacity);
    for (const input of this.#inputs) {
      const larger = new Float32Array(this.#capacity * input.size);
      larger.set(input.rows);
      input.rows = larger;
    }
    this.#feeds.clear();
  }
}
