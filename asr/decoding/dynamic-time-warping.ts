/** Where a row begins and ends, in columns; both belong to it. */
export interface RowSpan {
  readonly first: number;
  readonly last: number;
}

const DIAGONAL = 0;
const DOWN = 1;
const ALONG = 2;

/**
 * The path of least cost through a matrix, from its first row and column to its last, which at each step goes a row
 * down, a column along, or both (openai/whisper, `timing.py`, `dtw_cpu`).
 * @param cost [rows][columns], one after the other; at least one of each
 * @returns for each row the columns that the path has in it: neither beginnings nor ends ever fall
 */
export function warpingPath(cost: Float32Array, rows: number, columns: number): readonly RowSpan[] {
  const steps = new Uint8Array(rows * columns);
  // total cost of the best path to each column of the row above, and of this one; one ahead, for the matrix's edge
  let above = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
  let here = new Float64Array(columns + 1);
  above[0] = 0;
  for (let row = 0; row < rows; row += 1) {
    here[0] = Number.POSITIVE_INFINITY;
    for (let column = 0; column < columns; column += 1) {
      const diagonal = above[column] as number;
      const down = above[column + 1] as number;
      const along = here[column] as number;
      const step = diagonal <= down && diagonal <= along ? DIAGONAL : down < along ? DOWN : ALONG;
      steps[row * columns + column] = step;
      const before = step === DIAGONAL ? diagonal : step === DOWN ? down : along;
      here[column + 1] = (cost[row * columns + column] as number) + before;
    }
    [above, here] = [here, above];
  }
  return traceBack(steps, rows, columns);
}

function traceBack(steps: Uint8Array, rows: number, columns: number): readonly RowSpan[] {
  const spans: RowSpan[] = [];
  let column = columns - 1;
  let last = column;
  for (let row = rows - 1; row >= 0; ) {
    // at the matrix's edges there is one way only
    const step = row === 0 ? ALONG : column === 0 ? DOWN : steps[row * columns + column];
    if (step === ALONG && column > 0) {
      column -= 1;
      continue;
    }
    spans.push({ first: column, last });
    row -= 1;
    if (step === DIAGONAL) column -= 1;
    last = column;
  }
  return spans.reverse();
}
