import { describe, expect, it } from 'vitest';
import { type EngineStats, statsSince, zeroCounters } from '../../../asr/engine/engine-stats.ts';

describe('statsSince', () => {
  it('is what happened between two readings, nested counts included', () => {
    const before: EngineStats = { ...zeroCounters(), finishedRows: 3, trips: { repetition: 1, length: 2, silence: 0 } };
    const now: EngineStats = {
      ...before,
      finishedRows: 10,
      trips: { repetition: 1, length: 3, silence: 5 },
      milliseconds: { ...before.milliseconds, encode: 12.5 },
    };
    expect(statsSince(now, before)).toEqual({
      ...zeroCounters(),
      finishedRows: 7,
      trips: { repetition: 0, length: 1, silence: 5 },
      milliseconds: { ...zeroCounters().milliseconds, encode: 12.5 },
    });
  });

  it('is nothing between a reading and itself', () => {
    const stats = { ...zeroCounters(), encodeBatches: 4 };
    expect(statsSince(stats, stats)).toEqual(zeroCounters());
  });
});
