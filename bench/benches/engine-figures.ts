import { type EngineStats, type StageMilliseconds, statsSince, zeroCounters } from '../../asr/engine/engine-stats.ts';
import type { Measurement } from './rounds.ts';

/** How an engine's work went, over all its rounds. */
export interface EngineFigures {
  /** share of the computed encoder positions that were padding */
  readonly paddingWaste: number;
  readonly positionsPerUtterance: number;
  /** batch fill: rows of an encoder's batch, and of a decoder's step */
  readonly rowsPerEncodeBatch: number;
  readonly rowsPerDecodeStep: number;
  /** share whose rows have more than one adapter */
  readonly mixedBatches: number;
  readonly mixedSteps: number;
  readonly msPerUtterance: StageTable;
  /** what the engine counted, summed over the rounds */
  readonly stats: EngineStats;
}

/** Where the time of an utterance went. */
export interface StageTable extends StageMilliseconds {
  /** one over the throughput; less than all stages together where the encoder works beside the decoder */
  readonly whole: number;
}

/** @returns null if the rounds are not those of our engine */
export function engineFigures(rounds: readonly Measurement[]): EngineFigures | null {
  const counted = rounds.flatMap(({ stats }) => (stats === null ? [] : [stats]));
  if (counted.length === 0) return null;
  const stats = counted.reduce(plus);
  return {
    paddingWaste: 1 - share(stats.positions, stats.paddedPositions),
    positionsPerUtterance: share(stats.positions, stats.encodedRows),
    rowsPerEncodeBatch: share(stats.encodedRows, stats.encodeBatches),
    rowsPerDecodeStep: share(stats.decodedTokens, stats.decodeSteps),
    mixedBatches: share(stats.mixedBatches, stats.encodeBatches),
    mixedSteps: share(stats.mixedSteps, stats.decodeSteps),
    msPerUtterance: stageTable(stats.milliseconds, rounds),
    stats,
  };
}

function stageTable(stages: StageMilliseconds, rounds: readonly Measurement[]): StageTable {
  const utterances = rounds.reduce((sum, round) => sum + round.utterances, 0);
  const wholeMs = rounds.reduce((sum, round) => sum + 1000 * round.seconds, 0);
  const per = (milliseconds: number) => share(milliseconds, utterances);
  return {
    features: per(stages.features),
    encode: per(stages.encode),
    join: per(stages.join),
    decode: per(stages.decode),
    append: per(stages.append),
    script: per(stages.script),
    idle: per(stages.idle),
    whole: per(wholeMs),
  };
}

/** Counts of two spans together: left − (0 − right). */
function plus(left: EngineStats, right: EngineStats): EngineStats {
  return statsSince(left, statsSince(zeroCounters(), right));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
