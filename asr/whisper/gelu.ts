import type { Value } from '../../kernels/graph/graph.ts';
import type { GraphBuilder } from '../../kernels/graph/graph-builder.ts';

/** The exact GELU, by the error function. */
export function gelu(graph: GraphBuilder, x: Value): Value {
  return graph.op('Gelu', [x]);
}
