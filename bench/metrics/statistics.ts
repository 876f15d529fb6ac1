/**
 * The value below which a share of the values lies, linearly interpolated between the two nearest (as numpy does).
 * @param share from 0 (least) to 1 (greatest)
 * @returns NaN of no values
 */
export function quantile(values: Iterable<number>, share: number): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a quantile's share lies in [0, 1], not at ${share}`);
  const sorted = Float64Array.from(values).sort();
  const position = share * (sorted.length - 1);
  const low = sorted[Math.floor(position)];
  const high = sorted[Math.ceil(position)];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

export function median(values: Iterable<number>): number {
  return quantile(values, 0.5);
}

/** @returns NaN of no values */
export function mean(values: Iterable<number>): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    sum += value;
    count += 1;
  }
  return sum / count;
}

export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

export function summarise(values: readonly number[]): Summary {
  return {
    count: values.length,
    mean: mean(values),
    min: quantile(values, 0),
    median: median(values),
    p95: quantile(values, 0.95),
    max: quantile(values, 1),
  };
}
