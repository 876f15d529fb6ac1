import { it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { tracedGelu } from '../../../kernels/gradients/gelu.ts';
import { f32 } from '../../../kernels/graph/tensor-type.ts';
import { expectGradients } from '../../support/check-gradient.ts';
import { naiveGelu } from '../../support/naive-whisper.ts';
import { noise } from '../../support/tiny-weights.ts';

it('The GELU has the slopes of x Φ(x), from where it is 0 to where it is x', async () => {
  const shape = [2, 3, 8];
  await expectGradients({
    inputs: { x: { shape, values: noise(seededRandom(1), 48, 1.4) } }, // up to ±4.8
    outputShape: shape,
    build: (context, upstream) => {
      const { value, pull } = tracedGelu(context, context.graph.input('x', f32(...shape)));
      return { value, gradients: { x: pull(upstream) } };
    },
    naive: ({ x = [] }) => Array.from(x, naiveGelu),
  });
});
