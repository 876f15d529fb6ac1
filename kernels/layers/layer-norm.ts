import type { Value } from '../graph/graph.ts';
import { float, int } from '../graph/graph-builder.ts';
import { type LayerContext, parameter } from './parameters.ts';

/** PyTorch's default, which Whisper uses. */
export const LAYER_NORM_EPSILON = 1e-5;

/** Semantics: y = (x − mean) / √(variance + ε) ∘ weight + bias over the last axis. */
export function layerNorm(context: LayerContext, name: string, x: Value): Value {
  const inputs = [x, parameter(context, `${name}.weight`), parameter(context, `${name}.bias`)];
  return context.graph.op('LayerNormalization', inputs, { axis: int(-1), epsilon: float(LAYER_NORM_EPSILON) });
}
