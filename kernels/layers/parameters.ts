import type { Value } from '../graph/graph.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import type { TensorSource } from '../tensor-source.ts';

/** How the shared weights of linear layers are stored and multiplied. */
export type Precision = 'fp32' | 'int8';

/** What a layer needs to be written into a graph. */
export interface LayerContext {
  readonly graph: GraphBuilder;
  readonly weights: TensorSource;
  readonly precision: Precision;
  /** Largest magnitude of an int8 weight: 127, or 63 where the CPU's u8 × s8 product saturates. */
  readonly int8Limit: number;
}

/** A checkpoint's tensor as it is, fp32. */
export function parameter({ graph, weights }: LayerContext, name: string): Value {
  return graph.weight(name, { element: 'f32', shape: weights.shape(name) }, () => weights.read(name));
}
