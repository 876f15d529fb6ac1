import { expect, it } from 'vitest';
import { DEFAULT_RECONNECTING, reconnectWaitMs } from '../../../client/sdk/reconnecting.ts';

it('waits grow to a limit, and half of each is left to chance', () => {
  const waits = (random: number) =>
    [1, 2, 3, 6, 7, 2_000].map((attempt) => reconnectWaitMs(attempt, DEFAULT_RECONNECTING, random));
  expect(waits(0)).toEqual([125, 250, 500, 4_000, 4_000, 4_000]);
  expect(waits(1)).toEqual([250, 500, 1_000, 8_000, 8_000, 8_000]);
});
