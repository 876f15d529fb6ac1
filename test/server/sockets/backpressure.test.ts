import { describe, expect, it } from 'vitest';
import { exceedsBacklog, keepsReading } from '../../../server/sockets/backpressure.ts';

describe('keepsReading', () => {
  const reads = (reading: boolean, backlogMs: number) => keepsReading(reading, { backlogMs, bufferMs: 1_000 });

  it('reads until the buffer is full, and again when half of it is empty', () => {
    expect([0, 1_000, 1_001].map((backlogMs) => reads(true, backlogMs))).toEqual([true, true, false]);
    expect([1_000, 500, 499].map((backlogMs) => reads(false, backlogMs))).toEqual([false, false, true]);
  });
});

describe('exceedsBacklog', () => {
  it('is about twice the buffer, with what comes', () => {
    const exceeds = (addedMs: number) => exceedsBacklog(addedMs, { backlogMs: 900, bufferMs: 1_000 });
    expect([1_100, 1_101].map(exceeds)).toEqual([false, true]);
  });
});
