import { appendFileSync, constants, rmSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Adapter } from '../../adapters/adapter.ts';
import { loadAdapter } from '../../adapters/load-adapter.ts';
import { unwritable } from '../../adapters/staged-file.ts';
import { fromAdapter } from '../../adapters/training/adapter-parameters.ts';
import { readCheckpoint, writeCheckpoint } from '../../adapters/training/checkpoint.ts';
import { trainingCurves } from '../../adapters/training/curves.ts';
import { initialParameters } from '../../adapters/training/initial-parameters.ts';
import { loopRecipe } from '../../adapters/training/loop-recipe.ts';
import { type ParameterLayout, parameterLayout } from '../../adapters/training/parameter-layout.ts';
import { type TrainedLearner, type TrainingOutcome, train } from '../../adapters/training/train.ts';
import type { TrainingEvent } from '../../adapters/training/training-events.ts';
import { writeAdapter } from '../../adapters/write-adapter.ts';
import type { Engine } from '../../asr/engine/engine.ts';
import { makeFolder } from '../../kernels/make-folder.ts';
import type { BenchContext } from '../benches/bench.ts';
import { seededRandom } from '../benches/draw.ts';
import { describeAdapter } from './describe-adapter.ts';
import { devWer, werOf } from './dev-wer.ts';
import { epochSource, rowsOf } from './epoch-source.ts';
import { gatherData } from './gather-data.ts';
import { openTrainer, type Trainer } from './open-trainer.ts';
import type { RunRecipe } from './run-recipe.ts';
import { type TrainedAdapterOptions, trainedAdapter } from './trained-adapter.ts';
import type { TrainingData } from './training-data.ts';
import { tellTraining } from './training-progress.ts';
import { trainedTargets } from './training-recipe.ts';

export interface TrainingRun {
  readonly recipe: RunRecipe;
  /** name or folder of the base model */
  readonly model: string;
  /** where adapters, log and checkpoint go; with one learner the adapter's own folder */
  readonly out: string;
  /** go on from the checkpoint in `out`, if there is one */
  readonly resume: boolean;
  /** by learner's name, where it begins; those that are left out begin as the base model */
  readonly initial: ReadonlyMap<string, Adapter>;
  readonly version: string;
  /** of the adapters: an SPDX expression */
  readonly licence: string;
  readonly threads: number | undefined;
  /** told of everything that `training.jsonl` is told of */
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** An adapter that a run has written. */
export interface WrittenAdapter {
  /** of its learner */
  readonly name: string;
  readonly adapter: Adapter;
  readonly folder: string;
  /** its strength */
  readonly alpha: number;
  /** of the adapter as it was written, as a fraction */
  readonly devWer: number;
}

/**
 * From recordings to adapters: opens model and data, trains, and writes an adapter for each learner.
 * @returns null if it was interrupted: its checkpoint continues it
 * @throws FloraAsrError
 */
export async function runTraining(run: TrainingRun, context: BenchContext): Promise<readonly WrittenAdapter[] | null> {
  await makeOut(run.out);
  const trainer = await openTrainer(run, context);
  try {
    const { engine, model, base } = trainer;
    const data = await gatherData(run.recipe, { engine, model }, context);
    const layout = parameterLayout(run.recipe.kind, trainedTargets(model.config, run.recipe));
    const described = data.learners.map((_, learner) => ({
      ...describeAdapter(data, run.recipe, learner),
      ...{ version: run.version, licence: run.licence, base, layout },
    }));
    // what a manifest cannot say is refused before hours are spent
    for (const one of described) trainedAdapter(one, new Float32Array(layout.length));
    const outcome = await trainLearners({ run, data, layout, described, trainer }, context);
    const names = data.learners.map(({ name }) => name);
    writeFileSync(path.join(run.out, 'curves.svg'), trainingCurves(outcome.history, names));
    if (outcome.status === 'stopped') return null;
    return await writeAdapters({ run, data, described, engine }, outcome.learners, context);
  } finally {
    await trainer.close();
  }
}

interface TrainingParts {
  readonly run: TrainingRun;
  readonly data: TrainingData;
  readonly layout: ParameterLayout;
  readonly described: readonly TrainedAdapterOptions[];
  readonly trainer: Trainer;
}

async function trainLearners(parts: TrainingParts, { signal, progress }: BenchContext): Promise<TrainingOutcome> {
  const { run, data, layout, described, trainer } = parts;
  const { recipe } = run;
  const { engine, model } = trainer;
  const checkpoint = checkpointFolder(run);
  const log = path.join(run.out, 'training.jsonl');
  const resumeFrom = run.resume ? readCheckpoint(checkpoint, recipe) : null;
  if (resumeFrom === null) rmSync(log, { force: true });
  else progress.note(`Going on from step ${resumeFrom.step}, epoch ${resumeFrom.epoch + 1}`);
  const { runner, teacher } = await trainer.openGraphs(layout);
  const makeRows = rowsOf(data.train, recipe, { ...model, teacher });
  const epochs = epochSource(data.train, recipe, model);
  const loop = loopRecipe(recipe.kind, recipe.loop);
  const tell = tellTraining(progress, loop.epochs, async () => (await epochs.batches(0)).length);
  const adapterOf = (learner: number, version: string, parameters: Float32Array) => {
    const own = described[learner] as TrainedAdapterOptions;
    return trainedAdapter({ ...own, name: `training-${data.learners[learner]?.name}`, version, training: null }, parameters);
  };
  const random = seededRandom(recipe.seed);
  return train({
    learners: data.learners.map(({ name }) => {
      const begun = run.initial.get(name);
      return {
        name,
        layout,
        initial: begun === undefined ? initialParameters(layout, random) : fromAdapter(layout, begun, random),
      };
    }),
    recipe: loop,
    epochs,
    computeGradients: async (batch, parameters) => runner.compute(await makeRows(batch), parameters),
    measureDev: devWer({ ...data, engine, adapterOf, signal }),
    saveCheckpoint: (state) => writeCheckpoint(checkpoint, state, recipe),
    resumeFrom,
    signal,
    onEvent: (event) => {
      appendFileSync(log, `${JSON.stringify(event)}\n`);
      tell(event);
      run.onEvent?.(event);
    },
  });
}

/** What is written is what is measured. */
async function writeAdapters(
  { run, data, described, engine }: Pick<TrainingParts, 'run' | 'data' | 'described'> & { readonly engine: Engine },
  learners: readonly TrainedLearner[],
  { progress, signal }: BenchContext,
): Promise<readonly WrittenAdapter[]> {
  const written = learners.map(({ name, parameters, alpha }, learner) => {
    const folder = learners.length === 1 ? run.out : path.join(run.out, name);
    writeAdapter(folder, trainedAdapter(described[learner] as TrainedAdapterOptions, parameters), { dtype: 'f16' });
    return { name, adapter: loadAdapter(folder), folder, alpha };
  });
  const adapters = written.map(({ adapter }) => adapter);
  for (const adapter of adapters) engine.loadAdapter(adapter);
  const wers = await werOf(engine, adapters, data, signal);
  rmSync(checkpointFolder(run), { recursive: true, force: true });
  return written.map((one, learner) => {
    const result = { ...one, devWer: wers[learner] ?? Number.NaN };
    progress.note(`${one.name}: dev WER ${(100 * result.devWer).toFixed(1)} % at strength ${one.alpha}: ${one.folder}`);
    return result;
  });
}

async function makeOut(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw unwritable('The training', folder, cause);
  }
}

function checkpointFolder({ out }: TrainingRun): string {
  return path.join(out, 'checkpoint');
}
