import { join } from 'node:path';
import type { LearnerKind } from '../../adapters/training/parameter-layout.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import { openCheckpoint } from '../../asr/weights/open-checkpoint.ts';
import { resolveWeights } from '../../asr/weights/resolve-weights.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { PackedCorpus } from '../corpora/packed-corpus.ts';
import { mean, median } from '../metrics/statistics.ts';
import type { TrainedCell } from './adapter-kinds/cell-cache.ts';
import { hearAll, type Listener } from './adapter-kinds/hear-cells.ts';
import {
  rateFactorsOf,
  STUDY_FLAGS,
  STUDY_HELP,
  type StudyOptions,
  studyOptionsSchema,
} from './adapter-kinds/study-options.ts';
import { cellRecipe, digestOf, parameterCount, recipeDigest } from './adapter-kinds/study-recipe.ts';
import { studyReport } from './adapter-kinds/study-report.ts';
import { type KindFacts, studyText, type TriedRate } from './adapter-kinds/study-text.ts';
import { type Cell, trainCell } from './adapter-kinds/train-cell.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { readOptions } from './options.ts';
import { obtainTuxpaint } from './set-up.ts';

export const adapterKinds: Bench = {
  name: 'adapter-kinds',
  summary: 'WER of FLoRA, (IA)³ and LoRA trained alike, as in the FLoRA paper',
  help: STUDY_HELP,
  run,
};

/** Learning rates are chosen with it; no cell of the table has it. */
const RATE_SEED = 0;
/** Of each language: outside the choice of learning rates, dev decides nothing, and is there to be looked at. */
const DEV_LIMIT = 10;
const RESAMPLING = { seed: 1, resamples: 10_000 } as const;

interface Study {
  readonly options: StudyOptions;
  readonly location: CheckpointLocation;
  readonly corpus: PackedCorpus;
  readonly context: BenchContext;
}

interface TrainedKind {
  readonly kind: LearnerKind;
  /** empty where there was nothing to choose */
  readonly tried: readonly TriedRate[];
  readonly factor: number;
}

type StudyCell = Cell & { readonly kind: LearnerKind; readonly seed: number; readonly trained: TrainedCell };

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const options = readOptions(args, STUDY_FLAGS, studyOptionsSchema);
  const { weights, signal, progress } = context;
  const location = await resolveWeights(options.model, { ...weights, signal, onEvent: progress.onWeights });
  const study: Study = { options, location, corpus: await obtainTuxpaint(context), context };

  const kinds: TrainedKind[] = [];
  for (const kind of options.kinds) kinds.push(await chooseRate(kind, study));
  const cells: StudyCell[] = [];
  // all kinds of a seed before the next seed, so that what there is can be compared at any time
  for (const seed of options.seeds) {
    for (const { kind, factor } of kinds) {
      const cell = cellOf({ kind, seed, factor }, study);
      cells.push({ kind, seed, ...cell, trained: await trainCell(cell, options, context) });
    }
  }
  const [base = [], ...heard] = await hearAll([baseListener(study), ...cells.map(listenerOf)], hearing(study), context);
  const report = studyReport(
    { base, cells: cells.map(({ kind, seed }, index) => ({ kind, seed, heard: heard[index] ?? [] })) },
    RESAMPLING,
  );
  const facts = kinds.map((kind) => factsOf(kind, cells, study));
  const document = {
    bench: 'adapter-kinds',
    ...report,
    facts,
    cells: cells.map(({ kind, seed, folder, trained: { devWers, steps } }) => ({ kind, seed, folder, devWers, steps })),
    settings: { ...options, computeType: 'fp32', resampling: RESAMPLING },
    weights: { name: location.name, digest: location.digest },
    corpus: { name: study.corpus.name, source: study.corpus.source },
    versions: ourVersions(),
    machine: describeMachine(),
  };
  const { limit, epochs, markdown } = options;
  return { document, text: studyText(report, { model: location.name, limit, epochs, facts }, markdown) };
}

/** The factor with the lowest dev WER; of one there is nothing to choose. */
async function chooseRate(kind: LearnerKind, study: Study): Promise<TrainedKind> {
  const factors = rateFactorsOf(kind, study.options);
  const [first = 1, ...others] = factors;
  if (others.length === 0) return { kind, tried: [], factor: first };
  const tried: TriedRate[] = [];
  for (const factor of factors) tried.push(await tryRate(kind, factor, study));
  const lowest = Math.min(...tried.map(({ devWer }) => devWer ?? Number.POSITIVE_INFINITY));
  return { kind, tried, factor: tried.find(({ devWer }) => devWer === lowest)?.factor ?? first };
}

async function tryRate(kind: LearnerKind, factor: number, study: Study): Promise<TriedRate> {
  const cell = cellOf({ kind, seed: RATE_SEED, factor }, study);
  const learningRate = rateOf(cell);
  try {
    const { devWers } = await trainCell(cell, study.options, study.context);
    return { factor, learningRate, devWer: mean(devWers) };
  } catch (error) {
    if (!(error instanceof FloraAsrError && error.code === 'training_diverged')) throw error;
    study.context.progress.note(`${kind} diverges at a learning rate of ${learningRate}`);
    return { factor, learningRate, devWer: null };
  }
}

interface CellKey {
  readonly kind: LearnerKind;
  readonly seed: number;
  /** times the paper's learning rate */
  readonly factor: number;
}

function cellOf({ kind, seed, factor }: CellKey, { options, location, corpus, context }: Study): Cell {
  const { languages, limit, epochs } = options;
  const devLimit = seed === RATE_SEED ? null : DEV_LIMIT;
  const recipe = cellRecipe({ kind, seed, languages, limit, devLimit, epochs, rateFactor: factor });
  const digest = recipeDigest(recipe, { weights: location.digest, corpus: corpus.source });
  return { recipe, folder: join(studiesFolder(context), digest, `${kind}-${seed}`) };
}

function listenerOf({ kind, seed, folder }: StudyCell): Listener {
  return { title: `${kind}, seed ${seed}`, folder, adapted: true };
}

function baseListener({ location, corpus, context }: Study): Listener {
  const digest = digestOf({ weights: location.digest, corpus: corpus.source });
  return { title: 'base', folder: join(studiesFolder(context), `base-${digest}`), adapted: false };
}

/** What can have been said in its time, of the test split. */
function hearing({ options, location, corpus }: Study) {
  const { languages, testLimit, threads } = options;
  const utterances = languages.flatMap((language) => {
    const spoken = corpus.utterances({ languages: [language], split: 'test' }).filter((one) => one.spoken);
    return spoken.slice(0, testLimit);
  });
  return { location, corpus, utterances, threads };
}

function factsOf({ kind, tried }: TrainedKind, cells: readonly StudyCell[], { location }: Study): KindFacts {
  const own = cells.filter((cell) => cell.kind === kind);
  const [first] = own;
  if (first === undefined) throw new FloraAsrError('argument_invalid', `No cell of ${kind} was trained.`);
  const { config, tensors } = openCheckpoint(location);
  tensors.close();
  const timed = own.flatMap(({ trained: { secondsAStep } }) => secondsAStep ?? []);
  return {
    kind,
    parameters: parameterCount(config, kind),
    learningRate: rateOf(first),
    tried,
    steps: own.map(({ trained: { steps } }) => steps),
    secondsAStep: timed.length === 0 ? null : median(timed),
  };
}

function rateOf({ recipe }: Cell): number {
  return Number(recipe.loop['peakLearningRate']);
}

function studiesFolder({ weights: { cacheDir } }: BenchContext): string {
  return join(cacheDir, 'studies', 'adapter-kinds');
}
