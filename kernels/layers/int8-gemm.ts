import type { Value } from '../graph/graph.ts';
import { float, int, only } from '../graph/graph-builder.ts';
import type { InputSides, LayerContext } from './parameters.ts';
import {
  BLOCK,
  type BlockQuantisedWeight,
  type QuantisedWeight,
  quantiseWeight,
  quantiseWeightInBlocks,
  scaleChannels,
  smoothingFactors,
} from './quantise-weight.ts';

/** Below this a row counts as zero; keeps the division finite. */
const SMALLEST_ROW_MAXIMUM = 1e-8;
/** u8 weights lie around this zero point, and u8 blocks. */
const ZERO_POINT = 128;
/** What stands for 0 in a u8 activation: the smallest value of a GELU is a tenth of the largest in most rows, or less. */
const INPUT_ZERO: Readonly<Record<InputSides, number>> = { even: 128, rectified: 28 };
const LARGEST_U8 = 255;
/** of MatMulNBits: activations in int8, with a scale for each block as the weights have */
const INT8_ACTIVATIONS = 4;

interface Dims {
  readonly inDim: number;
  readonly outDim: number;
}

/**
 * With z for zero, t = 255 − z, and the smoothing factors s of the input's channels (1 where its peaks are not known),
 * per row r of x:
 *   u_r = x_r / s;  m_r = max(u_r, −t / (z − 1) · u_r, 1e-8);  q_r = round(t · u_r / m_r) + z  (u8)
 *   y_r = m_r · (q_r − z) / t · W8 · scales,  with W8 in s8, or in u8 less its zero point
 * An input that lies evenly has z = 128, and so m_r = max(|u_r|, 1e-8); a rectified one has nearly all of the 256 values
 * above 0. The scale belongs to the row alone, so a loud neighbour changes nothing (unlike onnxruntime's
 * DynamicQuantizeMatMul, which scales over the whole batch).
 *
 * @param x [..., in]
 * @param name of the weight, [out, in], without `.weight`
 * @returns [..., out]
 */
export function rowScaledGemm(context: LayerContext, name: string, x: Value, { inDim, outDim }: Dims): Value {
  const { graph } = context;
  const read = () => context.weights.read(`${name}.weight`);
  const peaks = context.inputPeaks(name);
  const smoothing = peaks === null ? null : once(() => smoothingFactors(read(), peaks()));
  const quantised = once((): QuantisedWeight => {
    const weight = smoothing === null ? read() : scaleChannels(read(), smoothing());
    return quantiseWeight(weight, outDim, inDim);
  });
  const unsigned = context.int8Weights === 'u8';
  const weight = unsigned
    ? graph.weight(`${name}.uint8`, { element: 'u8', shape: [inDim, outDim] }, () => asUnsigned(quantised().values))
    : graph.weight(`${name}.int8`, { element: 'i8', shape: [inDim, outDim] }, () => quantised().values);
  const scales = graph.weight(`${name}.scales`, { element: 'f32', shape: [outDim] }, () => quantised().scales);
  // MatMulIntegerToFloat takes per-channel weights only with per-channel zero points; ours are all alike
  const zeroPoints = unsigned
    ? graph.weight(`uint8_zero_points/${outDim}`, { element: 'u8', shape: [outDim] }, () => asUnsigned(new Int8Array(outDim)))
    : graph.weight(`int8_zero_points/${outDim}`, { element: 'i8', shape: [outDim] }, () => new Int8Array(outDim));
  const zero = INPUT_ZERO[context.inputSides];
  const top = LARGEST_U8 - zero;
  const activationScale = graph.scalar(Math.fround(1 / top));
  const zeroPoint = graph.scalarU8(zero);

  const smooth =
    smoothing === null
      ? x
      : graph.op('Div', [x, graph.weight(`${name}.smoothing`, { element: 'f32', shape: [inDim] }, smoothing)]);
  const reach = graph.op('LeakyRelu', [smooth], { alpha: float(-top / (zero - 1)) });
  const largest = graph.op('ReduceMax', [reach, graph.ints([-1])], { keepdims: int(1) }); // [..., 1]
  const rowScale = graph.op('Max', [largest, graph.scalar(SMALLEST_ROW_MAXIMUM)]); // [..., 1]
  const quantisedRows = graph.op('QuantizeLinear', [graph.op('Div', [smooth, rowScale]), activationScale, zeroPoint]);
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
