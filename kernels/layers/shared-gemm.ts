import type { Value } from '../graph/graph.ts';
import { int, only } from '../graph/graph-builder.ts';
import type { LayerContext } from './parameters.ts';
import { type QuantisedWeight, quantiseWeight, transposeWeight } from './quantise-weight.ts';

/** Below this a row counts as zero; keeps the division finite. */
const SMALLEST_ROW_MAXIMUM = 1e-8;
/** u8 activations lie around this zero point, and u8 weights. */
const ZERO_POINT = 128;

/**
 * Semantics: y = x W0ᵀ, the one product that all rows of the batch share; no bias.
 *
 * fp32: a MatMul with the weight as an initialiser, which is bitwise independent of the batch.
 *
 * int8, per row r of x:
 *   m_r = max(|x_r|, 1e-8);  q_r = round(127 · x_r / m_r) + 128  (u8)
 *   y_r = m_r · (q_r − 128) / 127 · W8 · scales,  with W8 in s8, or in u8 less its zero point
 * The scale belongs to the row alone, so a loud neighbour changes nothing (unlike onnxruntime's
 * DynamicQuantizeMatMul, which scales over the whole batch).
 *
 * @param x [..., in]
 * @param name of the weight, [out, in], without `.weight`
 * @returns [..., out]
 */
export function sharedGemm(context: LayerContext, name: string, x: Value): Value {
  const [outDim = 0, inDim = 0] = context.weights.shape(`${name}.weight`);
  const load = () => context.weights.read(`${name}.weight`);
  const { graph } = context;
  if (context.precision === 'fp32') return graph.op('MatMul', [x, sharedWeight(context, name)]);

  const quantised = once(() => quantiseWeight(load(), outDim, inDim));
  const unsigned = context.int8Weights === 'u8';
  const weight = unsigned
    ? graph.weight(`${name}.uint8`, { element: 'u8', shape: [inDim, outDim] }, () => asUnsigned(quantised().values))
    : graph.weight(`${name}.int8`, { element: 'i8', shape: [inDim, outDim] }, () => quantised().values);
  const scales = graph.weight(`${name}.scales`, { element: 'f32', shape: [outDim] }, () => quantised().scales);
  // MatMulIntegerToFloat takes per-channel weights only with per-channel zero points; ours are all alike
  const zeroPoints = unsigned
    ? graph.weight(`uint8_zero_points/${outDim}`, { element: 'u8', shape: [outDim] }, () => asUnsigned(new Int8Array(outDim)))
    : graph.weight(`int8_zero_points/${outDim}`, { element: 'i8', shape: [outDim] }, () => new Int8Array(outDim));
  const activationScale = graph.scalar(Math.fround(1 / 127));
  const zeroPoint = graph.scalarU8(ZERO_POINT);

  const largest = graph.op('ReduceMax', [graph.op('Abs', [x]), graph.ints([-1])], { keepdims: int(1) }); // [..., 1]
  const rowScale = graph.op('Max', [largest, graph.scalar(SMALLEST_ROW_MAXIMUM)]); // [..., 1]
  const quantisedRows = graph.op('QuantizeLinear', [graph.op('Div', [x, rowScale]), activationScale, zeroPoint]);
  const product = only(
    graph.microsoft('MatMulIntegerToFloat', [quantisedRows, weight, activationScale, scales, zeroPoint, zeroPoints]),
  ); // [..., out]
  return graph.op('Mul', [product, rowScale]);
}

/** A linear layer's fp32 weight as a product takes it, [in, out]. */
export function sharedWeight({ graph, weights }: LayerContext, name: string): Value {
  const [outDim = 0, inDim = 0] = weights.shape(`${name}.weight`);
  return graph.weight(`${name}.weight_t`, { element: 'f32', shape: [inDim, outDim] }, () =>
    transposeWeight(weights.read(`${name}.weight`), outDim, inDim),
  );
}

/** −128 … 127 as 0 … 255. */
function asUnsigned(values: Int8Array): Uint8Array {
  return Uint8Array.from(values, (value) => value + ZERO_POINT);
}

/** Two initialisers come from one quantisation; the result is dropped with the graph. */
function once(make: () => QuantisedWeight): () => QuantisedWeight {
  let made: QuantisedWeight | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
