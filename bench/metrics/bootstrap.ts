import { seededRandom } from '../benches/draw.ts';
import { quantile } from './statistics.ts';

/** Errors of one utterance, and what they are counted over. */
export interface Ratio {
  readonly errors: number;
  readonly length: number;
}

/** The same utterance in two systems. */
export interface PairedRatio {
  /** errors of the one it is compared with */
  readonly baseline: number;
  readonly errors: number;
  readonly length: number;
}

/** Low and high end, as fractions. */
export type Interval = readonly [low: number, high: number];

export interface ResampleOptions {
  /** the same seed gives the same intervals */
  readonly seed: number;
  /** 1,000 if left out */
  readonly resamples?: number;
  /** 0.95 if left out */
  readonly confidence?: number;
}

export interface PairedComparison {
  /** rate less the baseline's: negative is better */
  readonly difference: number;
  readonly interval: Interval;
  /** two-sided, of "there is no difference" */
  readonly pValue: number;
}

const RESAMPLES = 1_000;
const CONFIDENCE = 0.95;

/**
 * A percentile bootstrap over utterances (Bisani and Ney 2004, "Bootstrap estimates for confidence intervals in ASR
 * performance evaluation") of Σ errors / Σ length. Of several groups (languages), each is resampled by itself, and the
 * mean of their rates is taken: the macro average.
 * @returns NaN at both ends where a group is empty
 */
export function rateInterval(groups: readonly (readonly Ratio[])[], options: ResampleOptions): Interval {
  return intervalOf(
    resampled(groups, options, ({ errors }) => errors),
    options,
  );
}

/**
 * The paired bootstrap: utterances are drawn with both systems' errors, so that what is hard for both cancels out. The
 * p value is twice the share of resamples on the other side of zero, or on it, with one added to count and resamples
 * (Davison and Hinkley 1997, section 4.2): it is never 0.
 * @param groups one for each language; of several, the difference of the macro averages
 */
export function comparePaired(groups: readonly (readonly PairedRatio[])[], options: ResampleOptions): PairedComparison {
  const differenceOf = ({ errors, baseline }: PairedRatio) => errors - baseline;
  const differences = resampled(groups, options, differenceOf);
  const [notBetter, notWorse] = [differences.filter((one) => one >= 0).length, differences.filter((one) => one <= 0).length];
  return {
    difference: macroRate(groups, differenceOf),
    interval: intervalOf(differences, options),
    pValue: Math.min(1, (2 * (Math.min(notBetter, notWorse) + 1)) / (differences.length + 1)),
  };
}

function resampled<Unit extends { readonly length: number }>(
  groups: readonly (readonly Unit[])[],
  { seed, resamples = RESAMPLES }: ResampleOptions,
  errorsOf: (unit: Unit) => number,
): readonly number[] {
  const random = seededRandom(seed);
  return Array.from({ length: resamples }, () => {
    let sum = 0;
    for (const units of groups) {
      let [errors, length] = [0, 0];
      for (let drawn = 0; drawn < units.length; drawn += 1) {
        const unit = units[Math.floor(random() * units.length)] as Unit;
        errors += errorsOf(unit);
        length += unit.length;
      }
      sum += errors / length;
    }
    return sum / groups.length;
  });
}

function macroRate<Unit extends { readonly length: number }>(
  groups: readonly (readonly Unit[])[],
  errorsOf: (unit: Unit) => number,
): number {
  const rates = groups.map((units) => {
    const errors = units.reduce((sum, unit) => sum + errorsOf(unit), 0);
    return errors / units.reduce((sum, unit) => sum + unit.length, 0);
  });
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

function intervalOf(values: readonly number[], { confidence = CONFIDENCE }: ResampleOptions): Interval {
  if (values.some(Number.isNaN)) return [Number.NaN, Number.NaN];
  const tail = (1 - confidence) / 2;
  return [quantile(values, tail), quantile(values, 1 - tail)];
}
