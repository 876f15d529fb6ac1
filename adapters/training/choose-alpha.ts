import { FloraAsrError } from '../../kernels/errors.ts';
import { interpolate } from './interpolate.ts';
import { checkedWers, type MeasureDev } from './measure-dev.ts';
import type { ParameterLayout } from './parameter-layout.ts';

/** A strength and the dev WER at it, as a fraction. */
export interface AlphaWer {
  readonly alpha: number;
  readonly wer: number;
}

export interface AlphaCandidates {
  /** in the run's order */
  readonly learners: readonly { readonly layout: ParameterLayout; readonly parameters: Float32Array }[];
  readonly alphas: readonly number[];
  /** complete epochs, handed on to `measure` */
  readonly epoch: number;
  readonly measure: MeasureDev;
  readonly onMeasured: (alpha: number, wers: readonly number[]) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Dev WER of all learners at each strength.
 * @returns for each learner its strengths, in the order given; null if the signal ended it
 */
export async function measureAlphas(candidates: AlphaCandidates): Promise<readonly (readonly AlphaWer[])[] | null> {
  const { learners, alphas, epoch, measure, onMeasured, signal } = candidates;
  const found: AlphaWer[][] = learners.map(() => []);
  for (const alpha of alphas) {
    if (signal?.aborted === true) return null;
    const between = learners.map(({ layout, parameters }) => interpolate(layout, parameters, alpha));
    const wers = checkedWers(await measure(between, epoch), learners.length);
    for (const [index, wer] of wers.entries()) found[index]?.push({ alpha, wer });
    onMeasured(alpha, wers);
  }
  return found;
}

/**
 * The smallest strength whose dev WER is at most `tolerance` above the lowest: what is nearer to the base
 * model does less harm to what dev does not cover.
 * @throws FloraAsrError `argument_invalid` if nothing was measured
 */
export function chooseAlpha(measured: readonly AlphaWer[], tolerance: number): AlphaWer {
  const lowest = Math.min(...measured.map(({ wer }) => wer));
  const good = measured.filter(({ wer }) => wer <= lowest + tolerance);
  const [first, ...others] = good;
  if (first === undefined) throw new FloraAsrError('argument_invalid', 'There is no alpha to choose from.');
  return others.reduce((least, other) => (other.alpha < least.alpha ? other : least), first);
}
