import { FloraAsrError } from '../../../kernels/errors.ts';
import type { RunRecipe } from '../../training/run-recipe.ts';
import { runTraining } from '../../training/run-training.ts';
import type { BenchContext } from '../bench.ts';
import { forgetHeard, loggedSteps, readTrained, type TrainedCell, writeTrained } from './cell-cache.ts';
import { stepClock } from './step-clock.ts';

/** A kind at a seed. */
export interface Cell {
  readonly recipe: RunRecipe;
  /** its own */
  readonly folder: string;
}

export interface CellTraining {
  readonly model: string;
  readonly threads: number;
}

/** Of the recordings; nobody is to publish these adapters. */
const LICENCE = 'GPL-2.0-only';

/**
 * The cell's adapters, unless they are there; a training that was interrupted goes on.
 * @throws FloraAsrError `cancelled` if it is interrupted; as `runTraining`
 */
export async function trainCell(
  { recipe, folder }: Cell,
  { model, threads }: CellTraining,
  context: BenchContext,
): Promise<TrainedCell> {
  const known = readTrained(folder);
  if (known !== null) return known;
  context.progress.note(`Training ${recipe.kind}, seed ${recipe.seed}`);
  forgetHeard(folder);
  const clock = stepClock(() => performance.now());
  const languages = await runTraining(
    {
      recipe,
      model,
      threads,
      out: folder,
      resume: true,
      initial: new Map(),
      version: '1.0.0',
      licence: LICENCE,
      onEvent: clock.take,
    },
    context,
  );
  if (languages === null) throw new FloraAsrError('cancelled', 'The training was interrupted; the same command goes on.');
  const trained = {
    steps: loggedSteps(folder),
    secondsAStep: clock.secondsAStep(),
    devWers: languages.map(({ devWer }) => devWer),
  };
  writeTrained(folder, trained);
  return trained;
}
