import { isSpoken, type Utterance } from './corpus.ts';

/** What a filter has kept, and what it has dropped. For training alone: test stays whole. */
export interface FilteredUtterances {
  readonly kept: readonly Utterance[];
  readonly dropped: readonly Utterance[];
}

/** Drops utterances whose text is longer than can be said in their time (`isSpoken`). */
export function spokenRateFilter(utterances: readonly Utterance[]): FilteredUtterances {
  return partition(utterances, ({ text, durationSeconds }) => isSpoken(text, durationSeconds));
}

export interface LossFilterOptions {
  /** how many deviations above the median a loss may be: a robust three sigma if absent */
  readonly deviations?: number;
  /** At most this share is dropped, the worst of them; a tenth if absent. */
  readonly maxShare?: number;
}

/** A normal distribution's standard deviation is this times its median absolute deviation. */
const SIGMA_PER_MAD = 1.4826;

/**
 * Drops utterances whose loss under a model is far above the others', as where a recording says something else than its
 * text: above median + `deviations` · 1.4826 · median absolute deviation.
 * @param losses by utterance, per token
 * @throws RangeError if there are not as many losses as utterances
 */
export function lossFilter(
  utterances: readonly Utterance[],
  losses: ArrayLike<number>,
  { deviations = 3, maxShare = 0.1 }: LossFilterOptions = {},
): FilteredUtterances {
  if (losses.length !== utterances.length) {
    throw new RangeError(`There are ${losses.length} losses for ${utterances.length} utterances.`);
  }
  const middle = median(Array.from(losses));
  const spread = SIGMA_PER_MAD * median(Array.from(losses, (loss) => Math.abs(loss - middle)));
  const lossOf = (i: number) => losses[i] ?? Number.NaN;
  const worst = utterances
    .map((_, i) => i)
    // not below it, rather than above it: a loss that is no number is dropped too
    .filter((i) => !(lossOf(i) <= middle + deviations * spread))
    .sort((left, right) => rank(lossOf(right)) - rank(lossOf(left)) || left - right)
    .slice(0, Math.floor(maxShare * utterances.length));
  const dropped = new Set(worst.map((i) => utterances[i]));
  return partition(utterances, (utterance) => !dropped.has(utterance));
}

function rank(loss: number): number {
  return Number.isNaN(loss) ? Number.MAX_VALUE : Math.min(loss, Number.MAX_VALUE);
}

/** Of the numbers among them; 0 if there are none. */
function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((left, right) => left - right);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? 0 : (low + high) / 2;
}

function partition(utterances: readonly Utterance[], keeps: (utterance: Utterance) => boolean): FilteredUtterances {
  return { kept: utterances.filter(keeps), dropped: utterances.filter((utterance) => !keeps(utterance)) };
}
