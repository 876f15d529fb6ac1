import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Adapter } from '../../adapters/adapter.ts';
import { loadAdapter } from '../../adapters/load-adapter.ts';
import { fromAdapter } from '../../adapters/training/adapter-parameters.ts';
import { readCheckpoint, writeCheckpoint } from '../../adapters/training/checkpoint.ts';
import { trainingCurves } from '../../adapters/training/curves.ts';
import { initialParameters } from '../../adapters/training/initial-parameters.ts';
import { loopRecipe } from '../../adapters/training/loop-recipe.ts';
import { type ParameterLayout, parameterLayout } from '../../adapters/training/parameter-layout.ts';
import { type TrainedLearner, type TrainingOutcome, train } from '../../adapters/training/train.ts';
import type { TrainingEvent } from '../../adapters/training/training-events.ts';
import { writeAdapter } from '../../adapters/write-adapter.ts';
import { Engine } from '../../asr/engine/engine.ts';
import { GradientRunner } from '../../asr/training/gradient-runner.ts';
import { openCheckpoint } from '../../asr/weights/open-checkpoint.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import { openTokenizer } from '../../asr/whisper/tokenizer.ts';
import { defaultThreads } from '../../kernels/session.ts';
import { ownVersion } from '../../server/observability/own-version.ts';
import type { BenchContext } from '../benches/bench.ts';
import { seededRandom } from '../benches/draw.ts';
import { graphsFolder, obtainTuxpaint, tellEngine } from '../benches/set-up.ts';
import type { Corpus } from '../corpora/corpus.ts';
import { corpusDigest } from '../corpora/corpus-digest.ts';
import { openCorpus } from '../corpora/open-corpus.ts';
import { devWer, werOf } from './dev-wer.ts';
import { epochSource, rowsOf } from './epoch-source.ts';
import type { RunRecipe } from './run-recipe.ts';
import { type TrainedAdapterOptions, trainedAdapter } from './trained-adapter.ts';
import { type SourcedUtterance, selectData, type TrainingData } from './training-data.ts';
import { tellTraining } from './training-progress.ts';
import { trainedTargets } from './training-recipe.ts';

export interface TrainingRun {
  readonly recipe: RunRecipe;
  /** name or folder of the base model */
  readonly model: string;
  /** where adapters, log and checkpoint go; with one language the adapter's own folder */
  readonly out: string;
  /** go on from the checkpoint in `out`, if there is one */
  readonly resume: boolean;
  /** by language, where it begins; languages that are left out begin as the base model */
  readonly initial: ReadonlyMap<string, Adapter>;
  readonly version: string;
  /** of the adapters: an SPDX expression */
  readonly licence: string;
  readonly threads: number | undefined;
  /** told of everything that `training.jsonl` is told of */
  readonly onEvent?: (event: TrainingEvent) => void;
}

export interface TrainedLanguage {
  readonly language: string;
  readonly folder: string;
  readonly alpha: number;
  /** of the adapter as it was written, as a fraction */
  readonly devWer: number;
}

/**
 * From recordings to adapters: opens data and model, trains, and writes an adapter for each language.
 * @returns null if it was interrupted: its checkpoint continues it
 * @throws FloraAsrError
 */
export async function runTraining(run: TrainingRun, context: BenchContext): Promise<readonly TrainedLanguage[] | null> {
  const { recipe } = run;
  const { progress, signal } = context;
  const location = await resolveWeights(run.model, { ...context.weights, signal, onEvent: progress.onWeights });
  const { config, tensors } = openCheckpoint(location);
  const model = { config, tokenizer: openTokenizer(location.tokenizerPath) };
  const data = selectData({
    ...model,
    corpora: await openCorpora(recipe, context),
    languages: recipe.languages,
    limit: recipe.limit,
    devLimit: recipe.devLimit,
    // whatever the seed: runs with other seeds learn from the same utterances
    orderOf: ({ id }) => Number.parseInt(createHash('sha1').update(id).digest('hex').slice(0, 8), 16),
  });
  tellData(data, context);

  const layout = parameterLayout(recipe.kind, trainedTargets(config, recipe));
  const threads = run.threads ?? defaultThreads();
  const base = { name: config.name, digest: location.digest };
  const graphs = graphsFolder(context);
  const highestRank = Math.max(recipe.ranks.audio, recipe.ranks.text);
  const engine = await Engine.start({
    checkpoint: location,
    cacheDir: graphs,
    threads,
    reservedSlots: 2 * recipe.languages.length,
    reservedRanks: recipe.kind === 'lora' ? { flora: 0, lora: highestRank } : { flora: highestRank, lora: 0 },
    onEvent: (event) => tellEngine(event, progress),
  });
  const runner = await GradientRunner.open({
    config,
    weights: tensors,
    weightsDigest: location.digest,
    cacheDir: graphs,
    layout,
    labelSmoothing: recipe.labelSmoothing,
    teaching: null,
    threads,
    onProgress: (compiling) => tellEngine({ kind: 'compiling', ...compiling }, progress),
  });
  tensors.close();
  try {
    const describe = (learner: number): TrainedAdapterOptions => ({
      name: `${data.languages[learner]}-${data.train.find((one) => one.learner === learner)?.corpus.name}`,
      version: run.version,
      language: data.languages[learner] ?? null,
      base,
      layout,
      contextPolicy: contextPolicy(data, recipe, learner),
      training: provenance(data, recipe, learner),
      licence: run.licence,
    });
    const adapterOf = (learner: number, version: string, parameters: Float32Array) =>
      trainedAdapter(
        { ...describe(learner), name: `training-${data.languages[learner]}`, version, training: null },
        parameters,
      );
    const outcome = await trainLearners({ run, data, layout, adapterOf, model, engine, runner }, context);
    writeFileSync(path.join(run.out, 'curves.svg'), trainingCurves(outcome.history, data.languages));
    if (outcome.status === 'stopped') return null;
    const written = writeAdapters(run, outcome.learners, describe);
    return await measureWritten(written, { data, engine, run }, context);
  } finally {
    await runner.close();
    await engine.close();
  }
}

interface TrainingParts {
  readonly run: TrainingRun;
  readonly data: TrainingData;
  readonly layout: ParameterLayout;
  readonly adapterOf: (learner: number, version: string, parameters: Float32Array) => Adapter;
  readonly model: Parameters<typeof rowsOf>[2];
  readonly engine: Engine;
  readonly runner: GradientRunner;
}

async function trainLearners(parts: TrainingParts, { signal, progress }: BenchContext): Promise<TrainingOutcome> {
  const { run, data, layout, adapterOf, model, engine, runner } = parts;
  const { recipe } = run;
  const checkpoint = path.join(run.out, 'checkpoint');
  const log = path.join(run.out, 'training.jsonl');
  mkdirSync(run.out, { recursive: true });
  const resumeFrom = run.resume ? readCheckpoint(checkpoint, recipe) : null;
  if (resumeFrom === null) rmSync(log, { force: true });
  else progress.note(`Going on from step ${resumeFrom.step}, epoch ${resumeFrom.epoch + 1}`);
  const random = seededRandom(recipe.seed);
  const makeRows = rowsOf(data.train, recipe, model);
  const epochs = epochSource(data.train, recipe, model);
  const loop = loopRecipe(recipe.kind, recipe.loop);
  const tell = tellTraining(progress, loop.epochs, async () => (await epochs.batches(0)).length);
  return train({
    learners: data.languages.map((name) => {
      const begun = run.initial.get(name);
      return {
        name,
        layout,
        initial: begun === undefined ? initialParameters(layout, random) : fromAdapter(layout, begun, random),
      };
    }),
    recipe: loop,
    epochs,
    computeGradients: async (batch, parameters) => runner.compute(makeRows(batch), parameters),
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

async function openCorpora(recipe: RunRecipe, context: BenchContext): Promise<readonly Corpus[]> {
  const corpora: Corpus[] = [];
  for (const name of recipe.data) {
    const { env, signal, progress } = context;
    corpora.push(
      name === 'tuxpaint'
        ? await obtainTuxpaint(context)
        : await openCorpus(name, {
            env,
            signal,
            ...(recipe.languages.length === 1 ? { language: recipe.languages[0] } : {}),
            languages: recipe.languages,
            onProblem: ({ file, line, message }) => progress.note(`${file}:${line}: ${message}`),
            onProgress: (done, total) => progress.advance({ title: `Decoding ${name}`, done, total, unit: 'files' }),
          }),
    );
  }
  return corpora;
}

function tellData({ languages, train, dev, leftOut }: TrainingData, { progress }: BenchContext): void {
  for (const [learner, language] of languages.entries()) {
    const own = train.filter((one) => one.learner === learner);
    const minutes = own.reduce((sum, { utterance }) => sum + utterance.durationSeconds, 0) / 60;
    const measured = dev.filter(({ utterance }) => utterance.language === language).length;
    progress.note(`${language}: ${own.length} utterances (${minutes.toFixed(1)} min) to learn from, ${measured} to measure on`);
  }
  const reasons = new Map<string, number>();
  for (const { reason } of leftOut) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  if (reasons.size === 0) return;
  progress.note(`Not learned from: ${[...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ')}`);
}

/** Utterances of the lengths that were learned from are encoded at their own length. */
function contextPolicy(data: TrainingData, { tailPositions, concatenation }: RunRecipe, learner: number) {
  const durations = data.train
    .filter((one) => one.learner === learner)
    .map(({ utterance }) => 1000 * utterance.durationSeconds);
  const longest = durations.reduce((most, duration) => Math.max(most, duration), 0);
  const joined = concatenation.share > 0 ? 1000 * concatenation.seconds[1] : 0;
  return { tailPositions, trainedMinMs: 0, trainedMaxMs: Math.min(30_000, Math.ceil(Math.max(longest, joined))) };
}

function provenance(data: TrainingData, recipe: RunRecipe, learner: number): Adapter['manifest']['training'] {
  const own = data.train.filter((one) => one.learner === learner);
  const corpora = [...new Set(own.map(({ corpus }) => corpus))];
  const digests = corpora.map((corpus) =>
    corpusDigest(
      corpus,
      own.filter((one) => one.corpus === corpus).map(({ utterance }: SourcedUtterance) => utterance),
    ),
  );
  const digest = createHash('sha256').update(digests.join('\n')).digest('hex');
  const description = `${own.length} utterances of ${corpora.map(({ name }) => name).join(', ')}`;
  return {
    data: { description, digest: `sha256:${digest}` },
    recipe: JSON.parse(JSON.stringify(recipe)),
    seed: recipe.seed,
    tools: { 'flora-asr': ownVersion(), node: process.versions.node },
  };
}

interface WrittenAdapter {
  readonly adapter: Adapter;
  readonly folder: string;
  readonly alpha: number;
}

function writeAdapters(
  run: TrainingRun,
  learners: readonly TrainedLearner[],
  describe: (learner: number) => TrainedAdapterOptions,
): readonly WrittenAdapter[] {
  return learners.map(({ name, parameters, alpha }, learner) => {
    const folder = learners.length === 1 ? run.out : path.join(run.out, name);
    writeAdapter(folder, trainedAdapter(describe(learner), parameters), { dtype: 'f16' });
    return { adapter: loadAdapter(folder), folder, alpha };
  });
}

/** What is written is what is measured: fp16 rounds, and the digest is that of the files. */
async function measureWritten(
  written: readonly WrittenAdapter[],
  { data, engine, run }: Pick<TrainingParts, 'data' | 'engine' | 'run'>,
  { progress, signal }: BenchContext,
): Promise<readonly TrainedLanguage[]> {
  const adapters = written.map(({ adapter }) => adapter);
  for (const adapter of adapters) engine.loadAdapter(adapter);
  const wers = await werOf(engine, adapters, data, signal);
  rmSync(path.join(run.out, 'checkpoint'), { recursive: true, force: true });
  return written.map(({ folder, alpha }, learner) => {
    const language = data.languages[learner] ?? '';
    const result = { language, folder, alpha, devWer: wers[learner] ?? Number.NaN };
    progress.note(`${language}: dev WER ${(100 * result.devWer).toFixed(1)} % at strength ${alpha}: ${folder}`);
    return result;
  });
}
