import { describe, expect, it } from 'vitest';
import { type EngineStats, zeroCounters } from '../../../asr/engine/engine-stats.ts';
import { engineFigures } from '../../../bench/benches/engine-figures.ts';
import { adapterCosts, engineReport } from '../../../bench/benches/engine-report.ts';
import { engineText } from '../../../bench/benches/engine-text.ts';
import type { Measurement } from '../../../bench/benches/rounds.ts';

function round(seconds: number, rest: Partial<Measurement> = {}): Measurement {
  return { utterances: 10, audioSeconds: 20, tokens: 50, seconds, stats: null, ...rest };
}

function stats(rest: Partial<EngineStats> = {}): EngineStats {
  const milliseconds = { features: 10, encode: 400, join: 20, decode: 300, append: 30, script: 40, idle: 100 };
  return { ...zeroCounters(), finishedRows: 10, encodedRows: 10, encodeBatches: 2, mixedBatches: 1, milliseconds, ...rest };
}

describe("the adapters' cost", () => {
  it('is time with them over time without, less one, round by round', () => {
    const costs = adapterCosts([round(1.12), round(3)], [round(1), round(2)]);
    expect(costs[0]).toBeCloseTo(0.12);
    expect(costs[1]).toBeCloseTo(0.5);
  });
});

describe('the engine report', () => {
  const report = engineReport({
    ours: [
      {
        computeType: 'int8',
        withAdapters: { name: 'ours int8, adapters', rounds: [round(1, { stats: stats() }), round(2), round(1)] },
        withoutAdapters: { name: 'ours int8, no adapters', rounds: [round(1), round(1.6), round(0.8)] },
      },
      {
        computeType: 'fp32',
        withAdapters: { name: 'ours fp32, adapters', rounds: [round(2)] },
        withoutAdapters: { name: 'ours fp32, no adapters', rounds: [round(2)] },
      },
    ],
    peer: {
      name: 'faster-whisper int8',
      rounds: [round(4, { utterances: 4 }), round(8, { utterances: 4 }), round(5, { utterances: 4 })],
    },
    batched: { name: 'batched', rounds: [round(5)] },
  });

  it('has the promised numbers at the top, those of the first compute type', () => {
    // 10/s against 1/s, 5/s against 0.5/s, 10/s against 0.8/s
    expect(report.ratioToFasterWhisper).toBeCloseTo(10);
    expect(report.ours[0]?.ratioToFasterWhisper.max).toBeCloseTo(12.5);
    expect(report.adapterCost).toBeCloseTo(0.25);
    expect(report.ratioToFasterWhisperBatched).toBeCloseTo(5);
    expect(report.computeType).toBe('int8');
    expect(report.ours[1]).toMatchObject({ computeType: 'fp32', adapterCost: { median: 0 } });
  });

  it('gives throughput and real-time factor of each system', () => {
    expect(report.ours[0]?.withAdapters).toMatchObject({
      utterances: 10,
      utterancesPerSecond: { min: 5, median: 10, max: 10 },
      realTimeFactor: 0.05,
      tokensPerUtterance: 5,
    });
    expect(report.fasterWhisper.engine).toBeNull();
  });

  it('does without the batched pipeline', () => {
    const only = { name: 'ours', rounds: [round(1)] };
    const pair = { computeType: 'fp32', withAdapters: only, withoutAdapters: only };
    const without = engineReport({ ours: [pair], peer: only, batched: null });
    expect(without).toMatchObject({ ratioToFasterWhisper: 1, ratioToFasterWhisperBatched: null, fasterWhisperBatched: null });
  });

  it('reads as text, with the stage table', () => {
    const text = engineText(report);
    expect(text).toContain('int8: 10.00 (10.00 to 12.50) x faster-whisper, 5.00 x its batched pipeline');
    expect(text).toContain('int8: adapters cost 25.0 % (0.0 % to 25.0 %) more time');
    expect(text).toContain('encoder, with cross keys and values');
  });
});

describe("an engine's figures", () => {
  it('add its rounds up, and share the time out over the utterances', () => {
    const counts = { positions: 900, paddedPositions: 1_000, decodeSteps: 20, decodedTokens: 100, mixedSteps: 5 };
    const figures = engineFigures([round(1, { stats: stats(counts) }), round(1, { stats: stats(counts) })]);
    expect(figures).toMatchObject({
      positionsPerUtterance: 90,
      rowsPerEncodeBatch: 5,
      rowsPerDecodeStep: 5,
      mixedBatches: 0.5,
      mixedSteps: 0.25,
      stats: { finishedRows: 20, positions: 1_800 },
    });
    expect(figures?.paddingWaste).toBeCloseTo(0.1);
    expect(figures?.msPerUtterance).toEqual({
      features: 1,
      encode: 40,
      join: 2,
      decode: 30,
      append: 3,
      script: 4,
      idle: 10,
      whole: 100,
    });
  });

  it('are none of a system that is not our engine', () => {
    expect(engineFigures([round(1)])).toBeNull();
  });
});
