import { it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { tracedLayerNorm } from '../../../kernels/gradients/layer-norm.ts';
import { f32 } from '../../../kernels/graph/tensor-type.ts';
import { expectGradients } from '../../support/check-gradient.ts';
import { memoryTensors, noise } from '../../support/tiny-weights.ts';

const DIM = 12;

it('Layer normalisation passes on gradients through mean and deviation, for quiet positions and loud ones', async () => {
  const random = seededRandom(2);
  const [weight, bias] = [noise(random, DIM), noise(random, DIM)];
  const shape = [2, 3, DIM];
  const x = noise(random, 6 * DIM);
  // a position of its own loudness, and one that is not centred
  for (let i = 0; i < DIM; i += 1) [x[i], x[DIM + i]] = [10 * (x[i] ?? 0), 3 + (x[DIM + i] ?? 0)];
  await expectGradients({
    inputs: { x: { shape, values: x } },
    weights: memoryTensors({
      'norm.weight': { shape: [DIM], values: weight },
      'norm.bias': { shape: [DIM], values: bias },
    }),
    outputShape: shape,
    build: (context, upstream) => {
      const { value, pull } = tracedLayerNorm(context, 'norm', context.graph.input('x', f32(...shape)));
      return { value, gradients: { x: pull(upstream) } };
    },
    naive: (inputs) =>
      Array.from({ length: 6 }, (_, position) => {
        const values = Array.from({ length: DIM }, (__, i) => inputs['x']?.[position * DIM + i] ?? 0);
        const mean = values.reduce((sum, value) => sum + value, 0) / DIM;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DIM;
        return values.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * (weight[i] ?? 0) + (bias[i] ?? 0));
      }).flat(),
  });
});
