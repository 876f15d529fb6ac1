import type { GraphBuilder } from '../../kernels/graph/graph-builder.ts';
import type { TargetRanks } from '../../kernels/layers/adapted-linear.ts';
import type { LayerContext } from '../../kernels/layers/parameters.ts';

/** What is decided before a Whisper graph is built. */
export interface GraphPlan extends Omit<LayerContext, 'graph' | 'int8Scales' | 'inputSides'> {
  /** Room for adapters at each target. */
  readonly ranks: (target: string) => TargetRanks;
}

/** The decoder's token table, which is its output layer, too. */
export const OUTPUT_EMBEDDING = 'model.decoder.embed_tokens';

/** The encoder runs over hundreds of positions: scales belong to rows there, which is the quickest for many. */
export function encoderContext(plan: GraphPlan, graph: GraphBuilder): LayerContext {
  return { ...plan, graph, int8Scales: 'rows', inputSides: 'even' };
}

/** The context for one of the encoder's linear layers: the second feed-forward layers lie behind the GELU. */
export function encoderLayerContext(context: LayerContext, layer: string): LayerContext {
  return layer.endsWith('.fc2') ? { ...context, inputSides: 'rectified' } : context;
}

/**
 * The decoder runs over a few rows: scales belong to blocks there, which is as quick for few, and closer to fp32. Not so
 * where u8 × s8 saturates: nobody promises that blocks are exact on such a CPU.
 */
export function decoderContext(plan: GraphPlan, graph: GraphBuilder): LayerContext {
  return { ...plan, graph, int8Scales: plan.int8Weights === 's8' ? 'blocks' : 'rows', inputSides: 'even' };
}

/**
 * The context for one of the decoder's linear layers. Where scales belong to rows, two kinds of layer stay in fp32 when
 * the rest is int8, because their inputs have outliers that eight bits for a whole row cannot hold beside everything else:
 * the second feed-forward layers, and the output embedding (docs/adr/0004).
 */
export function decoderLayerContext(context: LayerContext, layer: string): LayerContext {
  if (context.int8Scales === 'blocks') return context;
  return layer.endsWith('.fc2') || layer === OUTPUT_EMBEDDING ? { ...context, precision: 'fp32' } : context;
}
