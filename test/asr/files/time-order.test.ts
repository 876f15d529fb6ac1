import { describe, expect, it } from 'vitest';
import { createTimeOrder } from '../../../asr/files/time-order.ts';

function ordered(channels: number) {
  const told: string[] = [];
  const order = createTimeOrder<{ readonly channel: number; readonly startMs: number }>(channels, ({ channel, startMs }) =>
    told.push(`${channel}:${startMs}`),
  );
  return { told, order };
}

describe('utterances in the order of time', () => {
  it('are told at once where there is one channel', () => {
    const { told, order } = ordered(1);
    order.take({ channel: 0, startMs: 100 });
    expect(told).toEqual(['0:100']);
  });

  it('wait for those of other channels that may have begun before them', () => {
    const { told, order } = ordered(2);
    order.take({ channel: 0, startMs: 500 });
    order.take({ channel: 0, startMs: 900 });
    order.take({ channel: 1, startMs: 100 });
    expect(told).toEqual([]);
    order.settle(500);
    expect(told).toEqual(['1:100']);
    order.take({ channel: 1, startMs: 500 });
    order.settle(900);
    expect(told).toEqual(['1:100', '0:500', '1:500']);
    order.settle(Infinity);
    expect(told.at(-1)).toBe('0:900');
  });
});
