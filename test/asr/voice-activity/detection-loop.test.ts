import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DetectionLoop, type WindowModel } from '../../../asr/voice-activity/detection-loop.ts';
import { MOST_ROWS } from '../../../asr/voice-activity/silero-model.ts';
import { WINDOW_SAMPLES } from '../../../asr/voice-activity/voice-detector.ts';
import type { SignalId } from '../../../asr/voice-activity/window-turns.ts';

/** Answers with all that it was told of the signal so far: its first sample of each window, as digits of base 10. */
class RememberingModel implements WindowModel {
  readonly batches: number[] = [];

  async judge(rows: Parameters<WindowModel['judge']>[0]): Promise<Float32Array> {
    this.batches.push(rows.length);
    return Float32Array.from(rows, ({ memory, samples }) => {
      const heard = ((memory.state[0] as number) * 10 + (samples[0] as number)) % 9_973;
      memory.state[0] = heard;
      return heard;
    });
  }
}

interface Run {
  readonly loop: DetectionLoop;
  readonly model: RememberingModel;
  readonly judged: { readonly signal: number; readonly probabilities: readonly number[] }[];
}

function begin(): Run {
  const model = new RememberingModel();
  const judged: Run['judged'] = [];
  const loop = new DetectionLoop({
    model,
    onJudged: (signal, probabilities) => judged.push({ signal, probabilities: [...probabilities] }),
  });
  return { loop, model, judged };
}

/** Windows of which the digits are the values. */
function windows(digits: readonly number[]): Float32Array {
  return Float32Array.from({ length: digits.length * WINDOW_SAMPLES }, (_, index) =>
    Number(digits[Math.floor(index / WINDOW_SAMPLES)]),
  );
}

async function judgedAlone(pushes: readonly (readonly number[])[]): Promise<readonly (readonly number[])[]> {
  const { loop, judged } = begin();
  for (const digits of pushes) loop.push(0 as SignalId, windows(digits));
  while (await loop.turn());
  return judged.map(({ probabilities }) => probabilities);
}

const digits = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
const actions = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('push' as const), signal: fc.nat({ max: 40 }), digits }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'turn' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), signal: fc.nat({ max: 40 }) }) },
  ),
  { maxLength: 120 },
);

describe('DetectionLoop', () => {
  it('reports each push once, whole, in its signal’s order, and as if the signal were alone', async () => {
    await fc.assert(
      fc.asyncProperty(actions, async (taken) => {
        const { loop, judged } = begin();
        const pushed = new Map<number, number[][]>();
        const dropped = new Set<number>();
        for (const action of taken) {
          if (action.kind === 'turn') await loop.turn();
          else if (action.kind === 'drop') {
            dropped.add(action.signal);
            loop.drop(action.signal as SignalId);
          } else if (!dropped.has(action.signal)) {
            pushed.set(action.signal, [...(pushed.get(action.signal) ?? []), action.digits]);
            loop.push(action.signal as SignalId, windows(action.digits));
          }
        }
        while (await loop.turn());
        for (const [signal, pushes] of pushed) {
          const reported = judged.filter((one) => one.signal === signal).map(({ probabilities }) => probabilities);
          const alone = await judgedAlone(pushes);
          // of a dropped signal, what was judged before
          expect(reported).toEqual(dropped.has(signal) ? alone.slice(0, reported.length) : alone);
        }
      }),
    );
  });

  it('reports nothing of a signal once it is dropped, and begins anew if it is pushed again', async () => {
    const { loop, judged } = begin();
    const [gone, stays] = [1 as SignalId, 2 as SignalId];
    loop.push(gone, windows([1, 2, 3]));
    loop.push(stays, windows([4, 5]));
    await loop.turn();
    loop.drop(gone);
    while (await loop.turn());
    loop.push(gone, windows([7]));
    while (await loop.turn());
    expect(judged).toEqual([
      { signal: stays, probabilities: [4, 45] },
      { signal: gone, probabilities: [7] },
    ]);
  });

  it('judges signals together, no more in a batch than the model takes', async () => {
    const { loop, model } = begin();
    for (let signal = 0; signal < MOST_ROWS + 8; signal += 1) loop.push(signal as SignalId, windows([1]));
    while (await loop.turn());
    expect(model.batches).toEqual([MOST_ROWS, 8]);
  });
});
