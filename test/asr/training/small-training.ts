import { type Adapter, makeAdapter } from '../../../adapters/adapter.ts';
import { toTargetWeights } from '../../../adapters/training/adapter-parameters.ts';
import { initialParameters } from '../../../adapters/training/initial-parameters.ts';
import {
  type LearnerKind,
  type ParameterLayout,
  parameterLayout,
  savedKind,
} from '../../../adapters/training/parameter-layout.ts';
import { GradientRunner, type TaughtRow, type Teaching } from '../../../asr/training/gradient-runner.ts';
import type { ModelFiles } from '../../../asr/training/model-files.ts';
import type { TeacherStates } from '../../../asr/training/teacher.ts';
import { NO_TARGET } from '../../../asr/training/training-row.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { randomMel } from '../../support/drive-model.ts';
import { type Matrix, type NaiveModel, naiveDecoderStates, naiveEncode, naiveLogits } from '../../support/naive-whisper.ts';
import { noise } from '../../support/tiny-weights.ts';
import { allTargets, TINY, TINY_BASE, tinyTensors } from '../../support/tiny-whisper.ts';

/** Small enough that a reference in plain loops is run hundreds of times. */
export const SMALL = {
  ...TINY,
  name: 'whisper-gradients',
  dim: 16,
  heads: 2,
  ffnDim: 24,
  vocab: 56,
  mels: 4,
  maxContext: 24,
};
export const SMALL_TENSORS = tinyTensors(SMALL, 5);
export const LABEL_SMOOTHING = 0.1;

export function layoutFor(kind: LearnerKind, rank: number): ParameterLayout {
  return parameterLayout(
    kind,
    allTargets(SMALL).map((target) => ({ ...target, rank })),
  );
}

/** Away from the identity, so that no gradient vanishes by itself. */
export function perturbed(layout: ParameterLayout, seed: number): Float32Array {
  const random = seededRandom(seed);
  const values = initialParameters(layout, random);
  const moves = noise(random, layout.length, 0.1);
  for (const { start, end } of layout.trained)
    for (let i = start; i < end; i += 1) values[i] = (values[i] ?? 0) + (moves[i] ?? 0);
  return values;
}

export function rowOf(learner: number, seed: number, { context, text }: { context: number; text: number }): TaughtRow {
  const random = seededRandom(seed);
  const prompt = [41, 42, 51, 54];
  const words = Array.from({ length: text }, () => Math.floor(random() * 39));
  const mel = randomMel(random, { mels: SMALL.mels, context });
  const targetTokens = [NO_TARGET, NO_TARGET, NO_TARGET, ...words, SMALL.special.endOfText];
  return { learner, row: { mel, context, inputTokens: [...prompt, ...words], targetTokens } };
}

/** The row with a teacher that has states of its own, which are nothing in particular. */
export function taught({ learner, row }: TaughtRow, seed: number, encodedPositions: number): TaughtRow {
  const random = seededRandom(seed);
  const targets = row.targetTokens.filter((token) => token !== NO_TARGET).length;
  const teacher = {
    hidden: noise(random, targets * SMALL.dim),
    encoder: noise(random, encodedPositions * SMALL.dim),
    encodedPositions,
  };
  return { learner, row, teacher };
}

export function smallFiles(cacheDir: string): ModelFiles {
  return { config: SMALL, weights: SMALL_TENSORS, weightsDigest: 'test', cacheDir, threads: 1 };
}

export async function openSmallRunner(
  cacheDir: string,
  layout: ParameterLayout,
  teaching: Teaching | null = null,
): Promise<GradientRunner> {
  return GradientRunner.open({ ...smallFiles(cacheDir), layout, labelSmoothing: LABEL_SMOOTHING, teaching });
}

/** A learner's loss over its rows in double precision, by the naive model: what `gradients` are the gradients of. */
export function naiveLoss(
  layout: ParameterLayout,
  values: Float32Array,
  rows: readonly TaughtRow[],
  teaching: Teaching | null = null,
): number {
  const model: NaiveModel = { config: SMALL, tensors: SMALL_TENSORS, adapter: adapterOf(layout, values) };
  const encoded = rows.map(({ row }) => naiveEncode(model, row.mel));
  const tokenLosses = rows.flatMap((row, index) => naiveTokenLosses(model, encoded[index] ?? [], row, teaching));
  const distances = rows.flatMap(({ teacher }, index) => squaredDistances(encoded[index] ?? [], teacher));
  const hiddenLoss = distances.length === 0 ? 0 : mean(distances);
  return mean(tokenLosses) + (teaching?.hiddenWeight ?? 0) * hiddenLoss;
}

/** Cross-entropies with target distributions that are written out. */
function naiveTokenLosses(
  model: NaiveModel,
  encoded: Matrix,
  { row, teacher }: TaughtRow,
  teaching: Teaching | null,
): readonly number[] {
  const logits = naiveLogits(model, naiveDecoderStates(model, encoded, row.inputTokens));
  const share = teacher === undefined || teaching === null ? 0 : teaching.tokenShare;
  const beliefs = teacher === undefined ? [] : naiveLogits(model, rowsOf(teacher.hidden)).map(logSoftmax);
  const places = row.targetTokens.flatMap((token, position) => (token === NO_TARGET ? [] : [position]));
  return places.map((position, nth) =>
    logSoftmax(logits[position] ?? []).reduce((loss, logProbability, token) => {
      const spoken = token === row.targetTokens[position] ? 1 - LABEL_SMOOTHING : 0;
      const believed = share === 0 ? 0 : Math.exp(beliefs[nth]?.[token] ?? Number.NaN);
      return loss - ((1 - share) * (spoken + LABEL_SMOOTHING / SMALL.vocab) + share * believed) * logProbability;
    }, 0),
  );
}

/** Mean squared difference at each position that the teacher and the row both have. */
function squaredDistances(encoded: Matrix, teacher: TeacherStates | undefined): readonly number[] {
  if (teacher === undefined) return [];
  return rowsOf(teacher.encoder)
    .slice(0, encoded.length)
    .map((state, position) => mean(state.map((value, i) => ((encoded[position]?.[i] ?? 0) - value) ** 2)));
}

function adapterOf(layout: ParameterLayout, values: Float32Array): Adapter {
  const kind = savedKind(layout.kind);
  return makeAdapter({
    digest: '',
    weights: toTargetWeights(layout, values),
    manifest: {
      formatVersion: 1,
      name: 'x' as never,
      version: '1.0.0',
      baseModel: TINY_BASE,
      language: null,
      licence: 'MIT',
      training: null,
      contextPolicy: null,
      targets: {},
      ...(kind === 'lora' ? { kind, lora: {} } : { kind }),
    },
  });
}

function rowsOf(states: Float32Array): Matrix {
  return Array.from({ length: states.length / SMALL.dim }, (_, row) =>
    Array.from(states.subarray(row * SMALL.dim, (row + 1) * SMALL.dim)),
  );
}

function logSoftmax(scores: readonly number[]): readonly number[] {
  const highest = Math.max(...scores);
  const logSum = highest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - highest), 0));
  return scores.map((score) => score - logSum);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
