import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleHistory } from '../../../asr/streaming/sample-history.ts';

/** The signal whose samples are their places. */
function places(from: number, to: number): Float32Array {
  return Float32Array.from({ length: to - from }, (_, index) => from + index);
}

describe('the history of a signal', () => {
  it('gives back what was appended, by its place, after any forgetting', () => {
    const step = fc.record({ append: fc.nat({ max: 20_000 }), keep: fc.nat({ max: 30_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const history = new SampleHistory();
        let keptFrom = 0;
        for (const { append, keep } of steps) {
          const { length } = history;
          history.append(places(length, length + append));
          expect(history.length).toBe(length + append);
          keptFrom = Math.max(keptFrom, history.length - keep);
          history.forgetBefore(keptFrom);
          const view = history.view(keptFrom, history.length);
          expect(view).toHaveLength(history.length - keptFrom);
          expect(view.every((sample, index) => sample === keptFrom + index)).toBe(true);
        }
      }),
    );
  });

  it('takes memory for what is kept, not for what has passed', () => {
    const history = new SampleHistory();
    history.append(new Float32Array(40 * 16_000));
    for (let second = 0; second < 200; second += 1) {
      history.append(new Float32Array(16_000));
      history.forgetBefore(history.length - 4_000);
    }
    expect(history.view(history.length - 4_000, history.length).buffer.byteLength).toBeLessThanOrEqual(4 * 4 * 20_000);
  });

  it('has nothing that was forgotten, or has not come yet', () => {
    const history = new SampleHistory();
    history.append(new Float32Array(100));
    history.forgetBefore(50);
    history.forgetBefore(20);
    expect(() => history.view(49, 60)).toThrow(RangeError);
    expect(() => history.view(60, 101)).toThrow(RangeError);
    expect(history.view(50, 100)).toHaveLength(50);
  });
});
