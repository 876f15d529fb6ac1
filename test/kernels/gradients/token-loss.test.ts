import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { tokenLoss } from '../../../kernels/gradients/token-loss.ts';
import { GraphBuilder } from '../../../kernels/graph/graph-builder.ts';
import { f32, i32 } from '../../../kernels/graph/tensor-type.ts';
import { IN_FP32 } from '../../../kernels/layers/parameters.ts';
import { tensor } from '../../../kernels/session.ts';
import { expectGradients } from '../../support/check-gradient.ts';
import { runGraph } from '../../support/run-graph.ts';
import { memoryTensors, noise } from '../../support/tiny-weights.ts';

const [TARGETS, VOCAB, DIM] = [5, 11, 6];
const TOKENS = [3, 0, 10, 3, 7];
/** The teacher says nothing of the first, all of the last. */
const SHARES = [0, 0.25, 0.5, 0.75, 1];
const random = seededRandom(5);
const EMBEDDING = noise(random, VOCAB * DIM);
const TEACHER = noise(random, TARGETS * DIM);
const WEIGHTS = memoryTensors({ 'embedding.weight': { shape: [VOCAB, DIM], values: EMBEDDING } });

/** h Eᵀ of one target. */
function logitsOf(hidden: ArrayLike<number>, target: number): readonly number[] {
  return Array.from({ length: VOCAB }, (_, token) => {
    let sum = 0;
    for (let i = 0; i < DIM; i += 1) sum += (hidden[target * DIM + i] ?? 0) * (EMBEDDING[token * DIM + i] ?? 0);
    return sum;
  });
}

function logSoftmax(logits: readonly number[]): readonly number[] {
  const highest = Math.max(...logits);
  const logSum = highest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
  return logits.map((logit) => logit - logSum);
}

/** Cross-entropy with the target distribution written out, token by token. */
function naive(hidden: ArrayLike<number>, labelSmoothing: number, taught: boolean): readonly number[] {
  return TOKENS.map((spoken, target) => {
    const own = logSoftmax(logitsOf(hidden, target));
    const belief = logSoftmax(logitsOf(TEACHER, target)).map(Math.exp);
    const share = taught ? (SHARES[target] ?? 0) : 0;
    return own.reduce((sum, logProbability, token) => {
      const smoothed = (token === spoken ? 1 - labelSmoothing : 0) + labelSmoothing / VOCAB;
      return sum - ((1 - share) * smoothed + share * (belief[token] ?? 0)) * logProbability;
    }, 0);
  });
}

/** The weights are what comes from above: d(Σ weights ∘ losses) / d(hidden). */
async function expectRule({ labelSmoothing, taught }: { labelSmoothing: number; taught: boolean }): Promise<void> {
  const shape = [TARGETS, DIM];
  await expectGradients({
    inputs: { hidden: { shape, values: noise(random, TARGETS * DIM) } },
    fixed: {
      tokens: tensor(Int32Array.from(TOKENS), [TARGETS]),
      ...(taught ? { teacher: tensor(TEACHER, shape), share: tensor(Float32Array.from(SHARES), [TARGETS, 1]) } : {}),
    },
    weights: WEIGHTS,
    outputShape: [TARGETS, 1],
    build: (context, weights) => {
      const { graph } = context;
      const teacher = () => ({
        hidden: graph.input('teacher', f32(...shape)),
        share: graph.input('share', f32(TARGETS, 1)),
      });
      const { losses, gradient } = tokenLoss(
        context,
        {
          hidden: graph.input('hidden', f32(...shape)),
          tokens: graph.input('tokens', i32(TARGETS)),
          weights,
          ...(taught ? { teacher: teacher() } : {}),
        },
        { embedding: 'embedding', labelSmoothing },
      );
      return { value: losses, gradients: { hidden: gradient } };
    },
    naive: ({ hidden = [] }) => naive(hidden, labelSmoothing, taught),
  });
}

describe('The token loss', () => {
  it('is the weighted cross-entropy of what was said, with its slopes', () => expectRule({ labelSmoothing: 0, taught: false }));

  it('shares out a part over the vocabulary', () => expectRule({ labelSmoothing: 0.1, taught: false }));

  it('gives a teacher its share of each target', () => expectRule({ labelSmoothing: 0.1, taught: true }));

  it('stays finite where the model is as sure as can be, of the right token or of a wrong one', async () => {
    const graph = new GraphBuilder('sure');
    const embedding = memoryTensors({ 'embedding.weight': { shape: [2, 1], values: Float32Array.of(1, -1) } });
    const { losses, gradient } = tokenLoss(
      { graph, weights: embedding, ...IN_FP32, factorGradients: new Map() },
      {
        hidden: graph.input('hidden', f32(2, 1)),
        tokens: graph.input('tokens', i32(2)),
        weights: graph.input('weights', f32(2, 1)),
      },
      { embedding: 'embedding', labelSmoothing: 0 },
    );
    const result = await runGraph(graph.build({ losses, gradient }), {
      hidden: tensor(Float32Array.of(500, 500), [2, 1]), // logits ±500
      tokens: tensor(Int32Array.of(0, 1), [2]),
      weights: tensor(Float32Array.of(1, 1), [2, 1]),
    });
    expect(Array.from(result['losses'] ?? [])).toEqual([0, 1_000]);
    expect(Array.from(result['gradient'] ?? [])).toEqual([0, 2]);
  });
});
