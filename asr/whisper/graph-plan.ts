import type { TargetRanks } from '../../kernels/layers/adapted-linear.ts';
import type { LayerContext } from '../../kernels/layers/parameters.ts';

/** What is decided before a Whisper graph is built. */
export interface GraphPlan extends Omit<LayerContext, 'graph'> {
  /** Room for adapters at each target. */
  readonly ranks: (target: string) => TargetRanks;
}

/** The decoder's token table, which is its output layer, too. */
export const OUTPUT_EMBEDDING = 'model.decoder.embed_tokens';

/**
 * The context for one layer. Two kinds of layer stay in fp32 when the rest is int8, because their inputs have
 * outliers that eight bits for a whole row cannot hold beside everything else: the second feed-forward layers, behind
 * the GELU, and the output embedding. Together they are most of int8's error (docs/adr/0004).
 */
export function layerContext(context: LayerContext, layer: string): LayerContext {
  return layer.endsWith('.fc2') || layer === OUTPUT_EMBEDDING ? { ...context, precision: 'fp32' } : context;
}
