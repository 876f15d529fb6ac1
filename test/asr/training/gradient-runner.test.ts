import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAdapter } from '../../../adapters/adapter.ts';
import { toTargetWeights } from '../../../adapters/training/adapter-parameters.ts';
import { initialParameters } from '../../../adapters/training/initial-parameters.ts';
import {
  type LearnerKind,
  type ParameterLayout,
  parameterLayout,
  savedKind,
} from '../../../adapters/training/parameter-layout.ts';
import { type BatchGradients, GradientRunner } from '../../../asr/training/gradient-runner.ts';
import type { LearnerRow } from '../../../asr/training/training-batch.ts';
import { NO_TARGET } from '../../../asr/training/training-row.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { randomMel } from '../../support/drive-model.ts';
import { naiveDecode, naiveEncode } from '../../support/naive-whisper.ts';
import { noise } from '../../support/tiny-weights.ts';
import { allTargets, TINY, TINY_BASE, tinyTensors } from '../../support/tiny-whisper.ts';

/** Small enough that a reference in plain loops is run hundreds of times. */
const SMALL = { ...TINY, name: 'whisper-gradients', dim: 16, heads: 2, ffnDim: 24, vocab: 56, mels: 4, maxContext: 24 };
const tensors = tinyTensors(SMALL, 5);
const LABEL_SMOOTHING = 0.1;

const KINDS: readonly { readonly kind: LearnerKind; readonly rank: number }[] = [
  { kind: 'flora', rank: 1 },
  { kind: 'flora', rank: 2 },
  { kind: 'ia3', rank: 1 },
  { kind: 'lora', rank: 2 },
];

function layoutFor(kind: LearnerKind, rank: number): ParameterLayout {
  return parameterLayout(
    kind,
    allTargets(SMALL).map((target) => ({ ...target, rank })),
  );
}

/** Away from the identity, so that no gradient vanishes by itself. */
function perturbed(layout: ParameterLayout, seed: number): Float32Array {
  const random = seededRandom(seed);
  const values = initialParameters(layout, random);
  const moves = noise(random, layout.length, 0.1);
  for (const { start, end } of layout.trained)
    for (let i = start; i < end; i += 1) values[i] = (values[i] ?? 0) + (moves[i] ?? 0);
  return values;
}

function rowOf(learner: number, seed: number, { context, text }: { context: number; text: number }): LearnerRow {
  const random = seededRandom(seed);
  const prompt = [41, 42, 51, 54];
  const words = Array.from({ length: text }, () => Math.floor(random() * 39));
  const mel = randomMel(random, { mels: SMALL.mels, context });
  const targetTokens = [NO_TARGET, NO_TARGET, NO_TARGET, ...words, SMALL.special.endOfText];
  return { learner, row: { mel, context, inputTokens: [...prompt, ...words], targetTokens } };
}

/** The mean loss of one row in double precision, by the naive model. */
function naiveLoss(layout: ParameterLayout, values: Float32Array, { row }: LearnerRow): number {
  const kind = savedKind(layout.kind);
  const adapter = makeAdapter({
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
  const model = { config: SMALL, tensors, adapter };
  const logits = naiveDecode(model, naiveEncode(model, row.mel), row.inputTokens);
  const losses = row.targetTokens.flatMap((token, position) => {
    if (token === NO_TARGET) return [];
    const scores = logits[position] ?? [];
    const highest = Math.max(...scores);
    const logSum = highest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - highest), 0));
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    return [logSum - (1 - LABEL_SMOOTHING) * (scores[token] ?? 0) - LABEL_SMOOTHING * mean];
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

for (const { kind, rank } of KINDS) {
  describe(`gradients of ${kind} at rank ${rank}`, () => {
    const layout = layoutFor(kind, rank);
    const parameters = [perturbed(layout, 1), perturbed(layout, 2)];
    const rows = [rowOf(0, 3, { context: 9, text: 3 }), rowOf(1, 4, { context: 14, text: 5 })];
    let folder: string;
    let runner: GradientRunner;
    let result: BatchGradients;
    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'flora-asr-gradients-'));
      runner = await GradientRunner.open({
        config: SMALL,
        weights: tensors,
        weightsDigest: 'test',
        cacheDir: folder,
        layout,
        labelSmoothing: LABEL_SMOOTHING,
        teaching: null,
        threads: 1,
      });
      result = await runner.compute(rows, parameters);
    });
    afterAll(async () => {
      await runner.close();
      await rm(folder, { recursive: true });
    });

    it('has the loss of plain Whisper, each row with its own adapter', () => {
      for (const [learner, row] of rows.entries()) {
        const loss = (result.lossSums[learner] ?? 0) / (result.tokenCounts[learner] ?? 0);
        expect(loss).toBeCloseTo(naiveLoss(layout, parameters[learner] as Float32Array, row), 4);
      }
    });

    it('has the slopes that finite differences of plain Whisper have, at every target', () => {
      const random = seededRandom(6);
      for (const target of layout.targets) {
        for (const span of kind === 'ia3' ? [target.a] : [target.a, target.b]) {
          const learner = random() < 0.5 ? 0 : 1;
          const [values, gradient] = [parameters[learner] as Float32Array, result.gradients[learner] as Float32Array];
          const direction = noise(random, span.end - span.start, 1);
          const lossAt = (step: number) => {
            const moved = values.slice();
            for (const [i, along] of direction.entries()) moved[span.start + i] = (moved[span.start + i] ?? 0) + step * along;
            return naiveLoss(layout, moved, rows[learner] as LearnerRow);
          };
          const slope = (lossAt(1e-3) - lossAt(-1e-3)) / 2e-3;
          const expected = direction.reduce((sum, along, i) => sum + along * (gradient[span.start + i] ?? 0), 0);
          const size = Math.sqrt(gradient.subarray(span.start, span.end).reduce((sum, value) => sum + value * value, 0));
          expect(Math.abs(slope - expected), target.name).toBeLessThan(1e-3 * size + 1e-5);
        }
      }
    });
  });
}
