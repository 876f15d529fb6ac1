import { describe, expect, it } from 'vitest';
import type { LearnerStep, TrainingEvent } from '../../../adapters/training/training-events.ts';
import type { BenchProgress, BenchStage } from '../../../bench/benches/bench.ts';
import { tellTraining } from '../../../bench/training/training-progress.ts';

interface Shown {
  readonly notes: string[];
  readonly stages: BenchStage[];
  readonly tell: (event: TrainingEvent) => void;
}

/** What a terminal would show of a run of two epochs with 10 batches each. */
async function shown(): Promise<Shown> {
  const [notes, stages]: [string[], BenchStage[]] = [[], []];
  const progress: BenchProgress = {
    note: (message) => notes.push(message),
    advance: (stage) => stages.push(stage),
    onWeights: () => undefined,
  };
  const tell = tellTraining(progress, 2, async () => 10);
  await Promise.resolve(); // until the number of batches is known
  return { notes, stages, tell };
}

function step(number: number, learners: readonly Partial<LearnerStep>[]): TrainingEvent {
  const plain = { learner: 'ro', loss: null, gradientNorm: null, skipped: false };
  return {
    type: 'step',
    step: number,
    epoch: 0,
    learningRate: 1e-3,
    learners: learners.map((learner) => ({ ...plain, ...learner })),
  };
}

describe('what a run shows', () => {
  it('is a bar over all its steps, with a loss for each learner that has had one, smoothed', async () => {
    const { stages, tell } = await shown();
    tell(step(1, [{ loss: 3 }, { learner: 'el' }]));
    tell(step(2, [{ loss: 2 }, { learner: 'el', loss: 1 }]));
    expect(stages).toEqual([
      { title: 'Training', done: 1, total: 20, unit: 'steps', status: 'loss ro 3.00' },
      { title: 'Training', done: 2, total: 20, unit: 'steps', status: 'loss ro 2.90 el 1.00' },
    ]);
  });

  it('never counts beyond its end, where epochs have more batches than the first', async () => {
    const { stages, tell } = await shown();
    tell(step(21, []));
    expect(stages).toMatchObject([{ done: 21, total: 21 }]);
  });

  it('says which step was left out, and keeps its loss out of the bar', async () => {
    const { notes, stages, tell } = await shown();
    tell(step(1, [{ loss: 3 }]));
    tell(step(2, [{ loss: Number.NaN, skipped: true }]));
    expect(notes).toEqual(['ro: step 2 was left out, its loss or gradient is not a number']);
    expect(stages.at(-1)?.status).toBe('loss ro 3.00');
  });

  it('is a line for each measurement, each strength, and an early end', async () => {
    const { notes, stages, tell } = await shown();
    const learners = [
      { learner: 'ro', wer: 0.4567, best: true },
      { learner: 'el', wer: 1.2, best: false },
    ];
    tell({ type: 'measurement', step: 10, epoch: 1, learners });
    tell({ type: 'checkpoint', step: 10, epoch: 1 });
    tell({ type: 'patience_ended', step: 10, epoch: 1 });
    tell({ type: 'alpha_measured', alpha: 0.9, wers: learners });
    expect(notes).toEqual([
      'Epoch 1, step 10: dev WER % ro 45.7 (best), el 120.0',
      'No language gets better any more: ending early',
      'Strength 0.9: dev WER % ro 45.7, el 120.0',
    ]);
    expect(stages).toEqual([]);
  });
});
