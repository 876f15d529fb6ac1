import type { TrainingEvent } from '../../../adapters/training/training-events.ts';
import { median } from '../../metrics/statistics.ts';

export interface StepClock {
  readonly take: (event: TrainingEvent) => void;
  /** median, of steps right behind another; null if there was none */
  readonly secondsAStep: () => number | null;
}

/** Times a run's steps: from one step to the next, where nothing else was done between them. */
export function stepClock(nowMs: () => number): StepClock {
  const seconds: number[] = [];
  let last: number | null = null;
  return {
    take: (event) => {
      if (event.type !== 'step') {
        last = null;
        return;
      }
      const now = nowMs();
      if (last !== null) seconds.push((now - last) / 1000);
      last = now;
    },
    secondsAStep: () => (seconds.length === 0 ? null : median(seconds)),
  };
}
