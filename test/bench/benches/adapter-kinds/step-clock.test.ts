import { describe, expect, it } from 'vitest';
import type { TrainingEvent } from '../../../../adapters/training/training-events.ts';
import { stepClock } from '../../../../bench/benches/adapter-kinds/step-clock.ts';

const step = (count: number): TrainingEvent => ({ type: 'step', step: count, epoch: 0, learningRate: 1e-3, learners: [] });

describe('the clock of a run', () => {
  it('times steps that follow each other, and not what is done between others', () => {
    let nowMs = 0;
    const clock = stepClock(() => nowMs);
    const at = (ms: number, event: TrainingEvent) => {
      nowMs = ms;
      clock.take(event);
    };
    expect(clock.secondsAStep()).toBeNull();
    at(90_000, step(101));
    at(92_000, step(102));
    at(96_000, step(103));
    at(97_000, { type: 'checkpoint', step: 103, epoch: 0 });
    at(150_000, step(104));
    expect(clock.secondsAStep()).toBe(3);
  });
});
