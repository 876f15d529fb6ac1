import type { Graph, Value } from '../../kernels/graph/graph.ts';
import { GraphBuilder, int, intList } from '../../kernels/graph/graph-builder.ts';
import { f32, i32 } from '../../kernels/graph/tensor-type.ts';
import { adaptedLinear } from '../../kernels/layers/adapted-linear.ts';
import { attendWithin, splitHeads } from '../../kernels/layers/attention.ts';
import { layerNorm } from '../../kernels/layers/layer-norm.ts';
import { type LayerContext, parameter } from '../../kernels/layers/parameters.ts';
import type { WhisperConfig } from './config.ts';
import { type GraphPlan, layerContext } from './graph-plan.ts';
import { layerNames } from './targets.ts';

/** Outputs of the encoder graph for one decoder layer, [batch, heads, context, headDim]. */
export function crossOutputNames(layer: number) {
  return { key: `cross_key_${layer}`, value: `cross_value_${layer}` };
}

/**
 * The encoder, and the cross-attention keys and values of every decoder layer, which depend on the
 * utterance alone. The encoder's hidden states never leave the graph.
 *
 * Inputs: `mel` [batch, mels, frames + 2], with a zero frame at each end; those of `convolutionTaps`;
 * `position_ids` [context] = 0 … context − 1; `lengths` [batch], each row's context; `slots` [batch]; the banks of its targets. Rows shorter than the batch are
 * padded with mel 0.0 and come out bitwise as they do alone.
 */
export function encoderGraph(config: WhisperConfig, plan: GraphPlan): Graph {
  const graph = new GraphBuilder(`${config.name}-encoder`);
  const context: LayerContext = { ...plan, graph };
  const frames = 'frames';
  const positions = `${frames}/2`; // context: the second convolution has stride 2
  const mel = graph.input('mel', f32('batch', config.mels, 'frames+2'));
  const positionIds = graph.input('position_ids', i32(positions));
  const lengths = graph.input('lengths', i32('batch'));
  const slots = graph.input('slots', i32('batch'));
  const linear = (name: string, x: Value) =>
    adaptedLinear(layerContext(context, name), { name, ranks: plan.ranks(name), slots }, x);

  let x = convolutions(context, mel); // [batch, context, dim]
  const table = parameter(context, 'model.encoder.embed_positions.weight'); // [1500, dim]
  x = graph.op('Add', [x, graph.op('Gather', [table, positionIds], { axis: int(0) })]);

  for (const layer of layerNames('encoder', config.encoderLayers)) {
    const attended = layerNorm(context, `${layer}.self_attn_layer_norm`, x);
    const attention = attendWithin(graph, {
      query: linear(`${layer}.self_attn.q_proj`, attended),
      key: linear(`${layer}.self_attn.k_proj`, attended),
      value: linear(`${layer}.self_attn.v_proj`, attended),
      lengths,
      heads: config.heads,
    });
    x = graph.op('Add', [x, linear(`${layer}.self_attn.out_proj`, attention)]);
    const hidden = linear(`${layer}.fc1`, layerNorm(context, `${layer}.final_layer_norm`, x)); // [batch, context, ffn]
    x = graph.op('Add', [x, linear(`${layer}.fc2`, gelu(graph, hidden))]);
  }
  x = layerNorm(context, 'model.encoder.layer_norm', x);

  const headDim = config.dim / config.heads;
  const outputs = layerNames('decoder', config.decoderLayers).flatMap((layer, index) => {
    const names = crossOutputNames(index);
    const project = (projection: string) =>
      splitHeads(graph, linear(`${layer}.encoder_attn.${projection}`, x), config.heads, headDim);
    return [
      [names.key, project('k_proj')],
      [names.value, project('v_proj')],
    ] as const;
  });
  return graph.build(Object.fromEntries(outputs));
}

/**
 * [batch, mels, frames] to [batch, context, dim]: 10 ms frames become 20 ms positions.
 *
 * A convolution is written as one product over the three frames under its kernel. onnxruntime's Conv sums in an order
 * that depends on the numbers of frames and threads, so that a row would change with its padding.
 *
 * The features have a zero frame at each end. So has the first result at its beginning: its frame 0 is there only to be
 * zeroed.
 */
function convolutions(context: LayerContext, mel: Value): Value {
  const { graph } = context;
  const edged = 'frames+1';
  const frames = graph.op('Transpose', [mel], { perm: intList(0, 2, 1) }); // [batch, frames + 2, mels]
  const first = convolve(context, 'model.encoder.conv1', frames, graph.input('taps_1', i32(edged, 3)));
  const inside = graph.op('Mul', [first, graph.input('inside', f32(edged, 1))]); // [batch, frames + 1, dim]
  const taps = graph.input('taps_2', i32('frames/2', 3));
  return convolve(context, 'model.encoder.conv2', inside, taps);
}

/** @param taps [positions, 3]: the frames under the kernel, for each position */
function convolve(context: LayerContext, name: string, x: Value, taps: Value): Value {
  const { graph, weights } = context;
  const [outDim = 0, inDim = 0] = weights.shape(`${name}.weight`);
  const weight = graph.weight(`${name}.weight_t`, { element: 'f32', shape: [3 * inDim, outDim] }, () =>
    kernelAsMatrix(weights.read(`${name}.weight`), outDim, inDim),
  );
  const windows = graph.op('Gather', [x, taps], { axis: int(1) }); // [batch, positions, 3, in]
  const flat = graph.op('Reshape', [windows, graph.ints([0, 0, 3 * inDim])]); // [batch, positions, 3·in]
  return gelu(graph, graph.op('Add', [graph.op('MatMul', [flat, weight]), parameter(context, `${name}.bias`)]));
}

/** [out, in, 3] to [3·in, out]. */
function kernelAsMatrix(kernel: Float32Array, outDim: number, inDim: number): Float32Array {
  const matrix = new Float32Array(kernel.length);
  for (let tap = 0; tap < 3; tap += 1) {
    for (let i = 0; i < inDim; i += 1) {
      for (let o = 0; o < outDim; o += 1) matrix[(tap * inDim + i) * outDim + o] = kernel[(o * inDim + i) * 3 + tap] as number;
    }
  }
  return matrix;
}

/** The inputs by which the encoder's convolutions find their frames, for a batch of so many frames. */
export function convolutionTaps(frames: number) {
  const under = (positions: number, frame: (position: number, tap: number) => number) =>
    Int32Array.from({ length: 3 * positions }, (_, index) => frame(Math.floor(index / 3), index % 3));
  return {
    // one frame ahead, for the zero frame at the beginning
    taps_1: { values: under(frames + 1, (position, tap) => Math.max(0, position - 1 + tap)), shape: [frames + 1, 3] },
    taps_2: { values: under(frames / 2, (position, tap) => 2 * position + tap), shape: [frames / 2, 3] },
    inside: { values: new Float32Array(frames + 1).fill(1, 1), shape: [frames + 1, 1] },
  };
}

/** The exact GELU, by the error function. */
export function gelu(graph: GraphBuilder, x: Value): Value {
  return graph.op('Gelu', [x]);
}
