/** What is needed to see where in the audio the decoder looked at each of its steps. */
export interface Attention {
  /** one for each step from start-of-transcript on, [heads, headDim] */
  readonly queries: readonly Float32Array[];
  /** of each head, [positions or more, headDim] */
  readonly keys: readonly Float32Array[];
  readonly headDim: number;
  /** encoder positions that hold the audio itself, without padding or tail */
  readonly positions: number;
}

/** Width of the median filter over positions (openai/whisper, `timing.py`). */
const FILTER_WIDTH = 7;
const FILTER_REACH = (FILTER_WIDTH - 1) / 2;

/**
 * How much each step looked at each position, of all heads together: softmax over positions, standardised over steps,
 * smoothed by a median over positions, then the mean over heads (openai/whisper, `find_alignment`).
 * @param firstStep steps before it count for the standardisation only
 * @returns [steps from the first on, positions]
 */
export function attentionMatrix(attention: Attention, firstStep: number): Float32Array {
  const { queries, keys, positions } = attention;
  const rows = queries.length - firstStep;
  const matrix = new Float32Array(rows * positions);
  const weights = new Float32Array(queries.length * positions);
  const smooth = new Float32Array(positions);
  for (const head of keys.keys()) {
    attend(attention, head, weights);
    standardise(weights, queries.length, positions);
    for (let row = 0; row < rows; row += 1) {
      const from = (firstStep + row) * positions;
      medianFilter(weights.subarray(from, from + positions), smooth);
      for (let position = 0; position < positions; position += 1) {
        const at = row * positions + position;
        matrix[at] = (matrix[at] as number) + (smooth[position] as number) / keys.length;
      }
    }
  }
  return matrix;
}

/** Softmax over positions of q·k / √headDim, for each step. @param weights [steps, positions], written */
function attend({ queries, keys, headDim, positions }: Attention, head: number, weights: Float32Array): void {
  const key = keys[head] as Float32Array;
  const four = new Float64Array(headDim * QUERIES_AT_ONCE);
  for (let step = 0; step < queries.length; step += QUERIES_AT_ONCE) {
    for (let place = 0; place < four.length; place += 1) {
      const query = queries[step + (place % QUERIES_AT_ONCE)];
      const value = query?.[head * headDim + Math.floor(place / QUERIES_AT_ONCE)] ?? 0;
      four[place] = value / Math.sqrt(headDim);
    }
    multiply(four, key, weights.subarray(step * positions, (step + QUERIES_AT_ONCE) * positions), positions);
  }
  for (let step = 0; step < queries.length; step += 1) softmax(weights.subarray(step * positions, (step + 1) * positions));
}

/** A key that is read serves so many queries: the products are most of the work. */
const QUERIES_AT_ONCE = 4;

/**
 * Semantics: products[query, position] = Σ_i four[i, query] · key[position, i].
 * @param products [queries, positions]; of fewer than four queries the others are left out
 */
function multiply(four: Float64Array, key: Float32Array, products: Float32Array, positions: number): void {
  const headDim = four.length / QUERIES_AT_ONCE;
  for (let position = 0, at = 0; position < positions; position += 1) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0, q = 0; i < headDim; i += 1, at += 1, q += QUERIES_AT_ONCE) {
      const value = key[at] as number;
      a += (four[q] as number) * value;
      b += (four[q + 1] as number) * value;
      c += (four[q + 2] as number) * value;
      d += (four[q + 3] as number) * value;
    }
    // what would lie beyond the array is not written
    products[position] = a;
    products[positions + position] = b;
    products[2 * positions + position] = c;
    products[3 * positions + position] = d;
  }
}

/** In place. */
function softmax(row: Float32Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < row.length; i += 1) if ((row[i] as number) > largest) largest = row[i] as number;
  let total = 0;
  for (let i = 0; i < row.length; i += 1) {
    const weight = Math.exp((row[i] as number) - largest);
    row[i] = weight;
    total += weight;
  }
  for (let i = 0; i < row.length; i += 1) row[i] = (row[i] as number) / total;
}

/** Each position's weights to mean 0 and deviation 1 over all steps; in place, row by row because memory lies so. */
function standardise(weights: Float32Array, steps: number, positions: number): void {
  const means = new Float64Array(positions);
  const scales = new Float64Array(positions);
  const overAll = (visit: (at: number, position: number) => void) => {
    for (let step = 0, at = 0; step < steps; step += 1) {
      for (let position = 0; position < positions; position += 1, at += 1) visit(at, position);
    }
  };
  overAll((at, position) => {
    means[position] = (means[position] as number) + (weights[at] as number) / steps;
  });
  overAll((at, position) => {
    const distance = (weights[at] as number) - (means[position] as number);
    scales[position] = (scales[position] as number) + distance * distance;
  });
  // where all steps look alike, nothing is known
  for (let i = 0; i < positions; i += 1) scales[i] = scales[i] === 0 ? 0 : Math.sqrt(steps / (scales[i] as number));
  overAll((at, position) => {
    weights[at] = ((weights[at] as number) - (means[position] as number)) * (scales[position] as number);
  });
}

/** The median of each value and its neighbours, mirrored at the ends; too few values stay as they are. */
export function medianFilter(values: Float32Array, smooth: Float32Array): void {
  const { length } = values;
  if (length <= FILTER_REACH) return smooth.set(values);
  const mirrored = (at: number) => values[at < length ? Math.abs(at) : 2 * (length - 1) - at] as number;
  // sorted; a step along takes one value out and puts another in
  const window = Float64Array.from({ length: FILTER_WIDTH }, (_, index) => mirrored(index - FILTER_REACH)).sort();
  smooth[0] = window[FILTER_REACH] as number;
  for (let at = 1; at < length; at += 1) {
    replaceSorted(window, mirrored(at - 1 - FILTER_REACH), mirrored(at + FILTER_REACH));
    smooth[at] = window[FILTER_REACH] as number;
  }
}

/** Puts a value in the place of one that is there, and keeps the order. */
function replaceSorted(sorted: Float64Array, old: number, value: number): void {
  let at = 0;
  while (sorted[at] !== old) at += 1;
  for (; at > 0 && (sorted[at - 1] as number) > value; at -= 1) sorted[at] = sorted[at - 1] as number;
  for (; at < sorted.length - 1 && (sorted[at + 1] as number) < value; at += 1) sorted[at] = sorted[at + 1] as number;
  sorted[at] = value;
}
