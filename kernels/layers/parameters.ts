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

/**
 * Which values share a scale in int8: all of a row, or 32 neighbours in it. Blocks err a third as much, because an outlier
 * spoils only its neighbours. They are as quick for the few rows of a decoding step, and half as quick for many
 * (docs/adr/0014).
 */
export type Int8Scales = 'rows' | 'blocks';

/**
 * What is known of a linear layer's input, so that the eight bits of a row go where its values are. `even` lies around 0;
 * `rectified` comes from a GELU, and so hardly goes below 0.
 */
export type InputSides = 'even' | 'rectified';

/**
 * The largest magnitude of each channel of a linear layer's input, [in], by the layer's name; null where it is not known.
 * The values are not asked for before weights are written.
 */
export type InputPeaks = (layer: string) => (() => Float32Array) | null;

/** Of a graph without any int8. */
export const IN_FP32 = {
  precision: 'fp32',
  int8Weights: 's8',
  int8Scales: 'rows',
  inputSides: 'even',
  inputPeaks: () => null,
} as const;

/** What a layer needs to be written into a graph. */
export interface LayerContext {
  readonly graph: GraphBuilder;
  readonly weights: TensorSource;
  readonly precision: Precision;
  readonly int8Weights: Int8Weights;
  readonly int8Scales: Int8Scales;
  readonly inputSides: InputSides;
  readonly inputPeaks: InputPeaks;
}

/** A checkpoint's tensor as it is, fp32. */
export function parameter({ graph, weights }: LayerContext, name: string): Value {
  return graph.weight(name, { element: 'f32', shape: weights.shape(name) }, () => weights.read(name));
}
