import { FloraAsrError } from '../../kernels/errors.ts';
import { type BoundaryTensor, tensor } from '../../kernels/session.ts';

export interface RowCachesShape {
  /** arrays that are alike */
  readonly count: number;
  readonly heads: number;
  readonly headDim: number;
  readonly maxRows: number;
  /** positions of a row, at most */
  readonly maxCapacity: number;
}

/** Rows for which memory is taken at first. */
const FIRST_ROWS = 4;

/**
 * Arrays [rows, heads, capacity, headDim] whose capacity changes while they are in use: an attention reads the whole of
 * it, so it is as small as the rows allow. Memory is that of the largest capacity, of which the system takes what is
 * written: to change the capacity only moves what is there.
 *
 * Invariant: a row that was written to has what was written at the same positions, whatever the capacity became between,
 * as far as that went.
 */
export class RowCaches {
  readonly #shape: RowCachesShape;
  #arrays: Float32Array[];
  /** for which there is memory */
  #rows = 0;
  /** the rows in use are among the first so many */
  #used = 0;
  #capacity: number;
  #views: { readonly rows: number; readonly tensors: readonly BoundaryTensor[] } | null = null;

  constructor(shape: RowCachesShape, capacity: number) {
    this.#shape = shape;
    this.#capacity = capacity;
    this.#arrays = Array.from({ length: shape.count }, () => new Float32Array(0));
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Takes the memory of all rows now, for so many positions each. */
  reserve(positions: number): void {
    const { maxRows, heads, headDim } = this.#shape;
    this.#growRows(maxRows);
    // pages are the process's own only once they have been written
    for (const array of this.#arrays) array.fill(0, 0, maxRows * heads * positions * headDim);
  }

  /** A row comes into use. @throws FloraAsrError `shape_mismatch` if there is no such row */
  use(row: number): void {
    if (row >= this.#shape.maxRows) {
      throw new FloraAsrError('shape_mismatch', `There are ${this.#shape.maxRows} rows, and no row ${row}.`);
    }
    this.#growRows(row + 1);
    this.#used = Math.max(this.#used, row + 1);
  }

  /** No row from this one on is in use. */
  freeFrom(row: number): void {
    this.#used = Math.min(this.#used, row);
  }

  /** Rows in use keep what fits; positions that are new to them are 0. */
  resize(capacity: number): void {
    const [before, after] = [this.#capacity, capacity].map((positions) => positions * this.#shape.headDim) as [number, number];
    if (before === after) return;
    const segments = this.#used * this.#shape.heads;
    for (const array of this.#arrays) {
      // what is moved away from the beginning begins at the end
      for (let step = 0; step < segments; step += 1) {
        const segment = after > before ? segments - 1 - step : step;
        const [from, to] = [segment * before, segment * after];
        array.copyWithin(to, from, from + Math.min(before, after));
        if (after > before) array.fill(0, to + before, to + after);
      }
    }
    this.#capacity = capacity;
    this.#views = null;
  }

  /** Copies everything a row has to another one. */
  copyRow(from: number, to: number): void {
    this.use(to);
    const size = this.#shape.heads * this.#capacity * this.#shape.headDim;
    for (const array of this.#arrays) array.copyWithin(to * size, from * size, (from + 1) * size);
  }

  /** One head of a row, [capacity, headDim]: valid until the capacity changes, or a further row comes into use. */
  segment(index: number, row: number, head: number): Float32Array {
    const size = this.#capacity * this.#shape.headDim;
    const from = (row * this.#shape.heads + head) * size;
    return this.array(index).subarray(from, from + size);
  }

  /** The whole of one array; row `r`'s head `h` begins at (r · heads + h) · capacity · headDim. As valid as `segment`. */
  array(index: number): Float32Array {
    const array = this.#arrays[index];
    if (array === undefined)
      throw new FloraAsrError('shape_mismatch', `There are ${this.#shape.count} caches, not ${index + 1}.`);
    return array;
  }

  /** Of each array the first rows, as they are: valid as long as `segment`, and the same ones as long as that. */
  tensors(rows: number): readonly BoundaryTensor[] {
    this.#growRows(rows);
    if (this.#views?.rows !== rows) {
      const { heads, headDim } = this.#shape;
      const shape = [rows, heads, this.#capacity, headDim];
      const size = rows * heads * this.#capacity * headDim;
      this.#views = { rows, tensors: this.#arrays.map((array) => tensor(array.subarray(0, size), shape)) };
    }
    return this.#views.tensors;
  }

  #growRows(rows: number): void {
    if (rows <= this.#rows) return;
    const { maxRows, maxCapacity, heads, headDim } = this.#shape;
    this.#rows = Math.min(maxRows, Math.max(rows, FIRST_ROWS, this.#rows * 2));
    const used = this.#used * heads * this.#capacity * headDim;
    this.#arrays = this.#arrays.map((array) => {
      const larger = new Float32Array(this.#rows * heads * maxCapacity * headDim);
      larger.set(array.subarray(0, used));
      return larger;
    });
    this.#views = null;
  }
}
