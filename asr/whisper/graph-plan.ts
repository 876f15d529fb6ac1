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

/** The context for one of the encoder's linear layers. */
export function encoderLayerContext(context: LayerContext, layer: string): LayerContext {
  return isBehindGelu(layer) ? { ...context, inputSides: 'rectified' } : context;
}

/** Whether a linear layer is one of the second feed-forward layers. */
export function isBehindGelu(layer: string): boolean {
  return layer.endsWith('.fc2');
}

/**
 * The decoder runs over a few rows: scales belong to blocks there, which is as quick for few, and closer to fp32. Not so
 * where u8 × s8 saturates: nobody promises that blocks are exact on such a CPU. Its inputs are not measured.
 */
export function decoderContext(plan: GraphPlan, graph: GraphBuilder): LayerContext {
  const int8Scales = plan.int8Weights === 's8' ? 'blocks' : 'rows';
  return { ...plan, graph, int8Scales, inputSides: 'even', inputPeaks: () => null };
}

/**
 * The context for one of the decoder's linear layers. Where scales belong to rows, two kinds of layer stay in fp32 when
 * the rest is int8, because their inputs have outliers that eight bits for a whole row cannot hold beside everything else:
 * the second feed-forward layers, and the output embedding (docs/adr/0004).
 */
export function decoderLayerContext(context: LayerContext, layer: string): LayerContext {
  if (context.int8Scales === 'blocks') return context;
  return isBehindGelu(layer) || layer === OUTPUT_EMBEDDING ? { ...context, precision: 'fp32' } : context;
}
