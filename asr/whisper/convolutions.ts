import type { Value } from '../../kernels/graph/graph.ts';
import { int, intList } from '../../kernels/graph/graph-builder.ts';
import { f32, i32 } from '../../kernels/graph/tensor-type.ts';
import { type LayerContext, parameter } from '../../kernels/layers/parameters.ts';
import { gelu } from './gelu.ts';

/**
 * [batch, mels, frames] to [batch, context, dim]: 10 ms frames become 20 ms positions.
 *
 * A convolution is written as one product over the three frames under its kernel. onnxruntime's Conv sums in an order
 * that depends on the numbers of frames and threads, so that a row would change with its padding.
 *
 * The features have a zero frame at each end. So has the first result at its beginning: its frame 0 is there only to be
 * zeroed.
 */
export function convolutions(context: LayerContext, mel: Value): Value {
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
