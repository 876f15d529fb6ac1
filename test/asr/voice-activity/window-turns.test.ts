import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WINDOW_SAMPLES } from '../../../asr/voice-activity/voice-detector.ts';
import { type SignalId, WindowTurns } from '../../../asr/voice-activity/window-turns.ts';

const SIGNALS = 6;
const MOST = 3;

type Action =
  | { readonly kind: 'add'; readonly signal: number; readonly count: number }
  | { readonly kind: 'drop'; readonly signal: number }
  | { readonly kind: 'next' };

const signal = fc.nat({ max: SIGNALS - 1 });
const actions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), signal, count: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 4, arbitrary: fc.constant({ kind: 'next' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), signal }) },
  ),
  { maxLength: 60 },
);

/** Windows that are filled with their numbers in the signal. */
function windows(from: number, count: number): Float32Array {
  return Float32Array.from({ length: count * WINDOW_SAMPLES }, (_, index) => from + Math.floor(index / WINDOW_SAMPLES));
}

describe('WindowTurns', () => {
  it('gives each signal’s windows in order and once, none of a dropped one, and as many as fit', () => {
    fc.assert(
      fc.property(actions, (taken) => {
        const turns = new WindowTurns();
        // numbers of the windows that wait, by signal
        const waiting = Array.from({ length: SIGNALS }, (): number[] => []);
        const added = Array.from({ length: SIGNALS }, () => 0);
        for (const action of taken) {
          if (action.kind === 'add') {
            const from = added[action.signal] as number;
            turns.add(action.signal as SignalId, windows(from, action.count));
            for (let number = from; number < from + action.count; number += 1) waiting[action.signal]?.push(number);
            added[action.signal] = from + action.count;
          } else if (action.kind === 'drop') {
            turns.drop(action.signal as SignalId);
            waiting[action.signal] = [];
          } else {
            const active = waiting.filter((numbers) => numbers.length > 0).length;
            const batch = turns.next(MOST);
            expect(batch).toHaveLength(Math.min(active, MOST));
            expect(new Set(batch.map(({ push }) => push.signal)).size).toBe(batch.length);
            for (const { push, index, samples } of batch) {
              const number = waiting[push.signal]?.shift();
              expect(new Set(samples)).toEqual(new Set([number]));
              expect(samples).toHaveLength(WINDOW_SAMPLES);
              expect(push.windows[index * WINDOW_SAMPLES]).toBe(number);
            }
          }
        }
      }),
    );
  });

  it('gives a signal its turn after at most one of each other, however much of theirs waits', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: SIGNALS - 1 }), (lengths) => {
        const turns = new WindowTurns();
        for (const [index, count] of lengths.entries()) turns.add(index as SignalId, windows(0, count));
        turns.next(MOST);
        const live = SIGNALS as SignalId;
        turns.add(live, windows(0, 1));
        let batches = 1;
        while (!turns.next(MOST).some(({ push }) => push.signal === live)) batches += 1;
        expect(batches).toBeLessThanOrEqual(Math.ceil((lengths.length + 1) / MOST));
      }),
    );
  });

  it('has nothing to give when nothing waits', () => {
    const turns = new WindowTurns();
    expect(turns.next(MOST)).toEqual([]);
    turns.add(1 as SignalId, windows(0, 1));
    expect(turns.next(MOST)).toHaveLength(1);
    expect(turns.next(MOST)).toEqual([]);
  });
});
