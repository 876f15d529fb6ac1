import type { Value } from '../graph/graph.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import type { TensorSource } from '../tensor-source.ts';

/** How the shared weights of linear layers are stored and multiplied. */
export type Precision = 'fp32' | 'int8';

/**
 * How int8 weights are stored. `s8` where the CPU multiplies u8 by s8 exactly; `u8`, with a zero point of 128, where
 * that product saturates. Both hold the same numbers and give the same results; u8 × u8 is the slower one.
 */
export type Int8Weights = 's8' | 'u8';

/** What a layer needs to be written into a graph. */
export interface LayerContext {
  readonly graph: GraphBuilder;
  readonly weights: TensorSource;
  readonly precision: Precision;
  readonly int8Weights: Int8Weights;
}

/** A checkpoint's tensor as it is, fp32. */
export function parameter({ graph, weights }: LayerContext, name: string): Value {
  return graph.weight(name, { element: 'f32', shape: weights.shape(name) }, () => weights.read(name));
}
