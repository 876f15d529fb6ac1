import type { TrainingEvent } from '../../adapters/training/training-events.ts';
import type { BenchProgress } from '../benches/bench.ts';

/** Of the loss that is shown, as much is the one before: a batch alone says little. */
const SMOOTHING = 0.9;

/**
 * Shows a run on a terminal: a bar over all its steps with the loss, and a line for each measurement.
 * @param batchesAnEpoch about so many
 */
export function tellTraining(
  progress: BenchProgress,
  epochs: number,
  batchesAnEpoch: () => Promise<number>,
): (event: TrainingEvent) => void {
  const shownLoss = new Map<string, number>();
  let perEpoch = 0;
  void batchesAnEpoch().then((count) => {
    perEpoch = count;
  });
  const percent = (wer: number) => (100 * wer).toFixed(1);
  return (event) => {
    switch (event.type) {
      case 'step': {
        for (const { learner, loss, skipped } of event.learners) {
          if (skipped) progress.note(`${learner}: step ${event.step} was left out, its loss or gradient is not a number`);
          if (loss === null || skipped) continue;
          const before = shownLoss.get(learner) ?? loss;
          shownLoss.set(learner, SMOOTHING * before + (1 - SMOOTHING) * loss);
        }
        const status = [...shownLoss].map(([learner, loss]) => `${learner} ${loss.toFixed(2)}`).join(' ');
        const total = Math.max(event.step, epochs * perEpoch);
        return progress.advance({ title: 'Training', done: event.step, total, unit: 'steps', status: `loss ${status}` });
      }
      case 'measurement': {
        const wers = event.learners.map(({ learner, wer, best }) => `${learner} ${percent(wer)}${best ? ' (best)' : ''}`);
        return progress.note(`Epoch ${event.epoch}, step ${event.step}: dev WER % ${wers.join(', ')}`);
      }
      case 'alpha_measured': {
        const wers = event.wers.map(({ learner, wer }) => `${learner} ${percent(wer)}`);
        return progress.note(`Strength ${event.alpha}: dev WER % ${wers.join(', ')}`);
      }
      case 'patience_ended':
        return progress.note('No language gets better any more: ending early');
      case 'checkpoint':
        return;
    }
  };
}
