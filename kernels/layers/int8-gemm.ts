import type { Value } from '../graph/graph.ts';
import { int, only } from '../graph/graph-builder.ts';
import type { LayerContext } from './parameters.ts';
import {
  BLOCK,
  type BlockQuantisedWeight,
  type QuantisedWeight,
  quantiseWeight,
  quantiseWeightInBlocks,
} from './quantise-weight.ts';

/** Below this a row counts as zero; keeps the division finite. */
const SMALLEST_ROW_MAXIMUM = 1e-8;
/** u8 activations lie around this zero point, and u8 weights. */
const ZERO_POINT = 128;
/** of MatMulNBits: activations in int8, with a scale for each block as the weights have */
const INT8_ACTIVATIONS = 4;

interface Dims {
  readonly inDim: number;
  readonly outDim: number;
}

/**
 * Per row r of x:
 *   m_r = max(|x_r|, 1e-8);  q_r = round(127 · x_r / m_r) + 128  (u8)
 *   y_r = m_r · (q_r − 128) / 127 · W8 · scales,  with W8 in s8, or in u8 less its zero point
 * The scale belongs to the row alone, so a loud neighbour changes nothing (unlike onnxruntime's
 * DynamicQuantizeMatMul, which scales over the whole batch).
 *
 * @param x [..., in]
 * @param name of the weight, [out, in], without `.weight`
 * @returns [..., out]
 */
export function rowScaledGemm(context: LayerContext, name: string, x: Value, { inDim, outDim }: Dims): Value {
  const { graph } = context;
  const quantised = once((): QuantisedWeight => quantiseWeight(context.weights.read(`${name}.weight`), outDim, inDim));
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

/**
 * Per row r of x, with a scale s for each 32 neighbours in the row and in the weight's channel:
 *   y_r = Σ_b s_{r,b} · s_{o,b} · Σ_i q_{r,b,i} · W8_{o,b,i}
 * which is one operator. Its scales lie within a row, so this, too, is independent of the batch.
 *
 * @param x [..., in]
 * @param name of the weight, [out, in], without `.weight`
 * @returns [..., out]
 */
export function blockScaledGemm({ graph, weights }: LayerContext, name: string, x: Value, { inDim, outDim }: Dims): Value {
  const blocks = Math.ceil(inDim / BLOCK);
  const quantised = once((): BlockQuantisedWeight => quantiseWeightInBlocks(weights.read(`${name}.weight`), outDim, inDim));
  const values = graph.weight(`${name}.blocks`, { element: 'u8', shape: [outDim, blocks, BLOCK] }, () => quantised().values);
  const scales = graph.weight(`${name}.block_scales`, { element: 'f32', shape: [outDim, blocks] }, () => quantised().scales);
  return only(
    graph.microsoft('MatMulNBits', [x, values, scales], {
      K: int(inDim),
      N: int(outDim),
      bits: int(8),
      block_size: int(BLOCK),
      accuracy_level: int(INT8_ACTIVATIONS),
    }),
  );
}

/** −128 … 127 as 0 … 255. */
function asUnsigned(values: Int8Array): Uint8Array {
  return Uint8Array.from(values, (value) => value + ZERO_POINT);
}

/** Two initialisers come from one quantisation; the result is dropped with the graph. */
function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
