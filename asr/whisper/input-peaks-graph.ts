import type { Graph, Value } from '../../kernels/graph/graph.ts';
import { GraphBuilder, int } from '../../kernels/graph/graph-builder.ts';
import { adaptedLinear } from '../../kernels/layers/adapted-linear.ts';
import { IN_FP32 } from '../../kernels/layers/parameters.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import type { WhisperConfig } from './config.ts';
import { encode } from './encoder-graph.ts';
import { isBehindGelu } from './graph-plan.ts';

const NO_ADAPTERS = { flora: 0, lora: 0 };

/** Which of the encoder's linear layers have inputs that lie evenly around 0: all but those behind a GELU. */
export function isSmoothed(layer: string): boolean {
  return !isBehindGelu(layer);
}

/**
 * The base model's encoder in fp32, which tells how large each channel of its layers' inputs gets.
 * Inputs: those of `encode`, with rows of one length. Outputs: for each linear layer that is smoothed, by its name, the
 * largest magnitude of each channel, [in].
 */
export function inputPeaksGraph(config: WhisperConfig, weights: TensorSource): Graph {
  const graph = new GraphBuilder(`${config.name}-input-peaks`);
  const context = { graph, weights, ...IN_FP32 };
  const peaks: Record<string, Value> = {};
  encode(context, config, (name, x) => {
    if (isSmoothed(name)) peaks[name] = graph.op('ReduceMax', [graph.op('Abs', [x]), graph.ints([0, 1])], { keepdims: int(0) });
    return adaptedLinear(context, { name, ranks: NO_ADAPTERS }, x);
  });
  return graph.build(peaks);
}
