import type { AdaptableModel } from '../../adapters/check-fit.ts';
import type { ParameterLayout } from '../../adapters/training/parameter-layout.ts';
import { Engine } from '../../asr/engine/engine.ts';
import { GradientRunner } from '../../asr/training/gradient-runner.ts';
import type { ModelFiles } from '../../asr/training/model-files.ts';
import { Teacher } from '../../asr/training/teacher.ts';
import { openCheckpoint } from '../../asr/weights/open-checkpoint.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import { openTokenizer } from '../../asr/whisper/tokenizer.ts';
import { defaultThreads } from '../../kernels/session.ts';
import type { BenchContext } from '../benches/bench.ts';
import { graphsFolder, tellEngine } from '../benches/set-up.ts';
import type { RunRecipe } from './run-recipe.ts';
import type { TextModel } from './training-tokens.ts';

/** What computes in a run. */
export interface Trainer {
  readonly model: TextModel;
  readonly base: Pick<AdaptableModel, 'name' | 'digest'>;
  /** with room for the learners' adapters, to measure them */
  readonly engine: Engine;
  /** The teacher is null if the recipe asks nobody. */
  readonly openGraphs: (
    layout: ParameterLayout,
  ) => Promise<{ readonly runner: GradientRunner; readonly teacher: Teacher | null }>;
  close(): Promise<void>;
}

interface TrainerOptions {
  readonly recipe: RunRecipe;
  /** name or folder of the base model */
  readonly model: string;
  readonly threads: number | undefined;
}

/** @throws FloraAsrError as `resolveWeights`, `Engine.start` */
export async function openTrainer({ recipe, model, threads: wanted }: TrainerOptions, context: BenchContext): Promise<Trainer> {
  const { progress, signal, weights } = context;
  const location = await resolveWeights(model, { ...weights, signal, onEvent: progress.onWeights });
  const { config, tensors } = openCheckpoint(location);
  const cacheDir = graphsFolder(context);
  const threads = wanted ?? defaultThreads();
  const highestRank = Math.max(recipe.ranks.audio, recipe.ranks.text);
  const open: { close(): Promise<void> | void }[] = [tensors];
  const close = async () => {
    for (const one of open.splice(0)) await one.close();
  };
  const files: ModelFiles = {
    config,
    weights: tensors,
    weightsDigest: location.digest,
    cacheDir,
    threads,
    onProgress: (compiling) => tellEngine({ kind: 'compiling', ...compiling }, progress),
  };
  try {
    const engine = await Engine.start({
      checkpoint: location,
      cacheDir,
      threads,
      // those that are measured, and those that are written in the end
      reservedSlots: 2 * recipe.languages.length,
      reservedRanks: recipe.kind === 'lora' ? { flora: 0, lora: highestRank } : { flora: highestRank, lora: 0 },
      onEvent: (event) => tellEngine(event, progress),
    });
    open.push(engine);
    return {
      model: { config, tokenizer: openTokenizer(location.tokenizerPath) },
      base: { name: config.name, digest: location.digest },
      engine,
      openGraphs: async (layout) => {
        const { labelSmoothing, teaching } = recipe;
        const runner = await GradientRunner.open({ ...files, layout, labelSmoothing, teaching });
        open.push(runner);
        const teacher = teaching === null ? null : await Teacher.open(files);
        if (teacher !== null) open.push(teacher);
        return { runner, teacher };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
