import type { Value } from '../graph/graph.ts';
import { blockScaledGemm, rowScaledGemm } from './int8-gemm.ts';
import type { LayerContext } from './parameters.ts';
import { transposeWeight } from './quantise-weight.ts';

/**
 * Semantics: y = x W0ᵀ, the one product that all rows of the batch share; no bias. In each precision a row's result is
 * bitwise what it is alone: in fp32 because the weight is an initialiser of the MatMul, in int8 because no scale is shared
 * between rows.
 *
 * @param x [..., in]
 * @param name of the weight, [out, in], without `.weight`
 * @returns [..., out]
 */
export function sharedGemm(context: LayerContext, name: string, x: Value): Value {
  const [outDim = 0, inDim = 0] = context.weights.shape(`${name}.weight`);
  if (context.precision === 'fp32') return context.graph.op('MatMul', [x, sharedWeight(context, name)]);
  const gemm = context.int8Scales === 'rows' ? rowScaledGemm : blockScaledGemm;
  return gemm(context, name, x, { inDim, outDim });
}

/** A linear layer's fp32 weight as a product takes it, [in, out]. */
export function sharedWeight({ graph, weights }: LayerContext, name: string): Value {
  const [outDim = 0, inDim = 0] = weights.shape(`${name}.weight`);
  return graph.weight(`${name}.weight_t`, { element: 'f32', shape: [inDim, outDim] }, () =>
    transposeWeight(weights.read(`${name}.weight`), outDim, inDim),
  );
}
