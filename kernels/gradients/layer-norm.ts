import type { Value } from '../graph/graph.ts';
import { float, int } from '../graph/graph-builder.ts';
import { LAYER_NORM_EPSILON } from '../layers/layer-norm.ts';
import { parameter } from '../layers/parameters.ts';
import type { Traced, TrainingContext } from './traced.ts';

/**
 * Semantics: `layerNorm` (kernels/layers), differentiable in x. With n = (x − mean) / σ and g = dy ∘ weight:
 *
 *   dx = (g − mean(g) − n ∘ mean(g ∘ n)) / σ          means over the last axis
 *
 * @param x [batch, positions, dim]
 */
export function tracedLayerNorm(context: TrainingContext, name: string, x: Value): Traced {
  const { graph } = context;
  const weight = parameter(context, `${name}.weight`);
  const dim = x.type.shape.at(-1) as number;
  const plain = (value: number) =>
    graph.weight(`layer_norm_of/${value}/${dim}`, { element: 'f32', shape: [dim] }, () => new Float32Array(dim).fill(value));
  const [normalised, , inverseDeviation] = graph.scoped(name, () =>
    graph.nodes({
      op: 'LayerNormalization',
      domain: '',
      inputs: [x, plain(1), plain(0)],
      attributes: { axis: int(-1), epsilon: float(LAYER_NORM_EPSILON) },
      outputCount: 3,
    }),
  );
  if (normalised === undefined || inverseDeviation === undefined) throw new Error('LayerNormalization has three outputs');
  const mean = (value: Value) => graph.op('ReduceMean', [value, graph.ints([-1])], { keepdims: int(1) });
  return {
    value: graph.op('Add', [graph.op('Mul', [normalised, weight]), parameter(context, `${name}.bias`)]),
    pull: (gradient) =>
      graph.scoped(`gradient/${name}`, () => {
        const g = graph.op('Mul', [gradient, weight]);
        const along = graph.op('Mul', [normalised, mean(graph.op('Mul', [g, normalised]))]);
        const inner = graph.op('Sub', [graph.op('Sub', [g, mean(g)]), along]);
        return graph.op('Mul', [inner, inverseDeviation]);
      }),
  };
}
