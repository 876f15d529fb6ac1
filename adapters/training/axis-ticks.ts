/** Where an axis is marked. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  /** from low to high, both included */
  readonly ticks: readonly number[];
}

/** Steps that people count in, within a power of ten. */
const ROUND_STEPS = [1, 2, 2.5, 5, 10];

/**
 * An axis that holds all values and ends at round numbers.
 * @param aim about how many intervals it has
 */
export function axisOver(values: readonly number[], aim: number): Axis {
  const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(least) || !Number.isFinite(most)) return { low: 0, high: 1, ticks: [0, 1] };
  const span = most > least ? most - least : Math.abs(most) || 1;
  const rough = span / aim;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (ROUND_STEPS.find((round) => round * power >= rough) ?? 10);
  const first = Math.floor(least / step);
  const last = Math.max(Math.ceil(most / step), first + 1);
  // a multiple each, so that no rounding adds up
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
  return { low: ticks[0] as number, high: ticks.at(-1) as number, ticks };
}
