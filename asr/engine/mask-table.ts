import { type Feeds, tensor } from '../../kernels/session.ts';
import type { AskedToken } from './fed-row.ts';

/** Masks as the decoder reads them: those of the kinds, and behind them those that rows have of their own. */
export class MaskTable {
  /** by kind, [vocab]; to read only */
  readonly kinds: readonly Float32Array[];
  readonly #vocab: number;
  /** [kinds + own masks, vocab]; grows with the most masks of rows' own in one run */
  #table: Float32Array;

  constructor(kinds: readonly Float32Array[], vocab: number) {
    this.kinds = kinds;
    this.#vocab = vocab;
    this.#table = new Float32Array(kinds.length * vocab);
    for (const [kind, mask] of kinds.entries()) this.#table.set(mask, kind * vocab);
  }

  /** Of the next run; valid until it is called again. @param asked the same number for each row */
  feeds(asked: readonly (readonly AskedToken[])[]): Feeds {
    const width = asked[0]?.length ?? 0;
    const all = asked.flat();
    const own = all.flatMap(({ ownMask }, place) => (ownMask === null ? [] : [{ ownMask, place }]));
    const rows = this.kinds.length + own.length;
    this.#reserve(rows * this.#vocab);
    const chosen = Int32Array.from(all, ({ maskKind }) => maskKind);
    for (const [index, { ownMask, place }] of own.entries()) {
      this.#table.set(ownMask, (this.kinds.length + index) * this.#vocab);
      chosen[place] = this.kinds.length + index;
    }
    return {
      masks: tensor(this.#table.subarray(0, rows * this.#vocab), [rows, this.#vocab]),
      mask_kinds: tensor(chosen, [asked.length, width]),
    };
  }

  #reserve(length: number): void {
    if (length <= this.#table.length) return;
    const larger = new Float32Array(length);
    larger.set(this.#table);
    this.#table = larger;
  }
}
