import type { RowId } from './schedule.ts';

/** What the batch looks like between two turns: a moment, where `EngineStats` counts. */
export interface BatchView {
  /** rows that wait for the encoder, or are in it */
  readonly waitingRows: number;
  readonly pools: readonly PoolView[];
  /** the last runs of the encoder, in their order */
  readonly encoded: readonly EncodedBatch[];
}

/** Rows that decode side by side. */
export interface PoolView {
  /** the longest context that fits */
  readonly context: number;
  readonly rows: number;
  readonly places: number;
}

/** One run of the encoder. */
export interface EncodedBatch {
  /** counts the runs of one worker, from 1 */
  readonly number: number;
  readonly rows: readonly { readonly id: RowId; readonly context: number }[];
}

/** Who a row is, to somebody who looks at the batch. */
export interface RowLabel {
  readonly language: string;
  /** `name@version`; null: the base model */
  readonly adapter: string | null;
}

/** So many runs of the encoder are remembered. */
export const MOST_ENCODED = 32;
/** More rows than those runs have. */
const MOST_LABELS = 2_048;

/** Labels of the last rows, those that have left included. */
export class RowLabels {
  readonly #labels = new Map<RowId, RowLabel>();

  remember(id: RowId, label: RowLabel): void {
    this.#labels.set(id, label);
    if (this.#labels.size <= MOST_LABELS) return;
    const [oldest] = this.#labels.keys();
    this.#labels.delete(oldest as RowId);
  }

  /** null if it was too long ago */
  of(id: RowId): RowLabel | null {
    return this.#labels.get(id) ?? null;
  }
}
