import type { Value } from '../graph/graph.ts';
import { float, int, only } from '../graph/graph-builder.ts';
import type { LayerContext } from '../layers/parameters.ts';

/**
 * A value of the forward pass, with the way back: `pull` takes the loss's gradient with respect to the value and adds
 * the nodes that make of it the gradient with respect to the layer's input (its vector-Jacobian product). Nodes of the
 * backward pass exist only where something is pulled; base weights are frozen, so they get none.
 */
export interface Traced {
  readonly value: Value;
  readonly pull: (gradient: Value) => Value;
}

export type TracedLayer = (x: Value) => Traced;

/** One layer after another. */
export function inSequence(x: Value, ...layers: readonly TracedLayer[]): Traced {
  let value = x;
  const traced = layers.map((layer) => {
    const result = layer(value);
    value = result.value;
    return result;
  });
  return { value, pull: (gradient) => traced.reduceRight((passed, layer) => layer.pull(passed), gradient) };
}

/** x + layer(x). */
export function withResidual({ graph }: LayerContext, x: Value, layer: TracedLayer): Traced {
  const branch = layer(x);
  return {
    value: graph.op('Add', [x, branch.value]),
    pull: (gradient) => graph.op('Add', [gradient, branch.pull(gradient)]),
  };
}

/** What a differentiable layer needs to be written into a graph. */
export interface TrainingContext extends LayerContext {
  /** gradients of adapters' factors by the name under which the graph gives them out; filled by `pull` */
  readonly factorGradients: Map<string, Value>;
}

/** a bᵀ over the last two axes, scaled. */
export function timesTransposed({ graph }: LayerContext, a: Value, b: Value, scale = 1): Value {
  return fusedMatMul(graph, [a, b], { transA: 0, transB: 1, scale });
}

/** aᵀ b over the last two axes, scaled. */
export function transposedTimes({ graph }: LayerContext, a: Value, b: Value, scale = 1): Value {
  return fusedMatMul(graph, [a, b], { transA: 1, transB: 0, scale });
}

/** a b over the last two axes, scaled. */
export function timesScaled({ graph }: LayerContext, a: Value, b: Value, scale: number): Value {
  return fusedMatMul(graph, [a, b], { transA: 0, transB: 0, scale });
}

function fusedMatMul(
  graph: LayerContext['graph'],
  inputs: readonly Value[],
  { transA, transB, scale }: { readonly transA: number; readonly transB: number; readonly scale: number },
): Value {
  return only(graph.microsoft('FusedMatMul', inputs, { transA: int(transA), transB: int(transB), alpha: float(scale) }));
}

/** Σ over one axis, which is dropped. */
export function sumOver({ graph }: LayerContext, x: Value, axis: number): Value {
  return graph.op('ReduceSum', [x, graph.ints([axis])], { keepdims: int(0) });
}
