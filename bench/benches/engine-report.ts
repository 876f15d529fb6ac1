import { median, quantile } from '../metrics/statistics.ts';
import { type EngineFigures, engineFigures } from './engine-figures.ts';
import type { Measurement } from './rounds.ts';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface SystemReport {
  readonly name: string;
  readonly rounds: number;
  readonly utterances: number;
  readonly utterancesPerSecond: Spread;
  /** seconds of work for a second of audio, median; below 1 is faster than speech */
  readonly realTimeFactor: number;
  readonly tokensPerUtterance: number;
  /** null for the peer */
  readonly engine: EngineFigures | null;
}

/** One compute type of ours against the peer. */
export interface ComputeTypeReport {
  readonly computeType: string;
  /** utterances per second over the peer's, round by round */
  readonly ratioToFasterWhisper: Spread;
  /** medians over medians; null if the pipeline was not measured */
  readonly ratioToFasterWhisperBatched: number | null;
  /** time with adapters over time without, less one, round by round: 0.12 is 12 % more */
  readonly adapterCost: Spread;
  readonly withAdapters: SystemReport;
  readonly withoutAdapters: SystemReport;
}

export interface EngineReport {
  readonly ratioToFasterWhisper: number;
  readonly adapterCost: number;
  readonly ratioToFasterWhisperBatched: number | null;
  /** to which these three belong: what the engine chooses by itself, or what was asked for */
  readonly computeType: string;
  readonly ours: readonly ComputeTypeReport[];
  readonly fasterWhisper: SystemReport;
  readonly fasterWhisperBatched: SystemReport | null;
}

export interface MeasuredRounds {
  readonly name: string;
  readonly rounds: readonly Measurement[];
}

export interface MeasuredComputeType {
  readonly computeType: string;
  readonly withAdapters: MeasuredRounds;
  readonly withoutAdapters: MeasuredRounds;
}

export interface EngineMeasurements {
  /** the first one gives the numbers at the top level */
  readonly ours: readonly [MeasuredComputeType, ...MeasuredComputeType[]];
  readonly peer: MeasuredRounds;
  readonly batched: MeasuredRounds | null;
}

export function engineReport({ ours, peer, batched }: EngineMeasurements): EngineReport {
  const [first, ...others] = ours;
  const headline = computeTypeReport(first, peer, batched);
  return {
    ratioToFasterWhisper: headline.ratioToFasterWhisper.median,
    adapterCost: headline.adapterCost.median,
    ratioToFasterWhisperBatched: headline.ratioToFasterWhisperBatched,
    computeType: headline.computeType,
    ours: [headline, ...others.map((other) => computeTypeReport(other, peer, batched))],
    fasterWhisper: systemReport(peer),
    fasterWhisperBatched: batched === null ? null : systemReport(batched),
  };
}

function computeTypeReport(
  { computeType, withAdapters, withoutAdapters }: MeasuredComputeType,
  peer: MeasuredRounds,
  batched: MeasuredRounds | null,
): ComputeTypeReport {
  const [ours, theirs] = [withAdapters.rounds, peer.rounds];
  return {
    computeType,
    ratioToFasterWhisper: spreadOf(roundByRound(ours, theirs, (a, b) => throughput(a) / throughput(b))),
    ratioToFasterWhisperBatched:
      batched === null ? null : median(ours.map(throughput)) / median(batched.rounds.map(throughput)),
    adapterCost: spreadOf(adapterCosts(ours, withoutAdapters.rounds)),
    withAdapters: systemReport(withAdapters),
    withoutAdapters: systemReport(withoutAdapters),
  };
}

/** By round: time with adapters over time without, over the same utterances, less one. */
export function adapterCosts(
  withAdapters: readonly Pick<Measurement, 'seconds'>[],
  withoutAdapters: readonly Pick<Measurement, 'seconds'>[],
): readonly number[] {
  return roundByRound(withAdapters, withoutAdapters, (a, b) => a.seconds / b.seconds - 1);
}

function systemReport({ name, rounds }: MeasuredRounds): SystemReport {
  const tokens = rounds.reduce((sum, round) => sum + round.tokens, 0);
  const utterances = rounds.reduce((sum, round) => sum + round.utterances, 0);
  return {
    name,
    rounds: rounds.length,
    utterances: rounds[0]?.utterances ?? 0,
    utterancesPerSecond: spreadOf(rounds.map(throughput)),
    realTimeFactor: median(rounds.map(({ seconds, audioSeconds }) => seconds / audioSeconds)),
    tokensPerUtterance: tokens / utterances,
    engine: engineFigures(rounds),
  };
}

function throughput({ utterances, seconds }: Measurement): number {
  return utterances / seconds;
}

/** Two systems in the rounds that both took part in: what slows the machine in a round slows both. */
function roundByRound<Round>(left: readonly Round[], right: readonly Round[], compare: (a: Round, b: Round) => number) {
  return left.flatMap((round, index) => {
    const other = right[index];
    return other === undefined ? [] : [compare(round, other)];
  });
}

function spreadOf(values: readonly number[]): Spread {
  return { min: quantile(values, 0), median: median(values), max: quantile(values, 1) };
}
