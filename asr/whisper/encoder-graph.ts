import type { Graph, Value } from '../../kernels/graph/graph.ts';
import { GraphBuilder, int } from '../../kernels/graph/graph-builder.ts';
import { f32, i32 } from '../../kernels/graph/tensor-type.ts';
import { adaptedLinear } from '../../kernels/layers/adapted-linear.ts';
import { attendWithin, splitHeads } from '../../kernels/layers/attention.ts';
import { layerNorm } from '../../kernels/layers/layer-norm.ts';
import { type LayerContext, parameter } from '../../kernels/layers/parameters.ts';
import type { WhisperConfig } from './config.ts';
import { convolutions } from './convolutions.ts';
import { gelu } from './gelu.ts';
import { encoderContext, encoderLayerContext, type GraphPlan } from './graph-plan.ts';
import { layerNames } from './targets.ts';

/** Outputs of the encoder graph for one decoder layer, [batch, heads, context, headDim]. */
export function crossOutputNames(layer: number) {
  return { key: `cross_key_${layer}`, value: `cross_value_${layer}` };
}

/** A linear layer of the encoder by its name; what it is depends on who builds the graph. */
export type EncoderLinear = (name: string, x: Value) => Value;

/**
 * The encoder, and the cross-attention keys and values of every decoder layer, which depend on the
 * utterance alone. The encoder's hidden states never leave the graph.
 *
 * Inputs: those of `encode`; the rows' factors at its targets. Rows shorter than the batch are padded with mel 0.0
 * and come out bitwise as they do alone.
 */
export function encoderGraph(config: WhisperConfig, plan: GraphPlan): Graph {
  const graph = new GraphBuilder(`${config.name}-encoder`);
  const context = encoderContext(plan, graph);
  return graph.build(
    encode(context, config, (name, x) =>
      adaptedLinear(encoderLayerContext(context, name), { name, ranks: plan.ranks(name) }, x),
    ),
  );
}

/**
 * Writes the encoder into a graph.
 *
 * Inputs: `mel` [batch, mels, frames + 2], with a zero frame at each end; those of `convolutionTaps`;
 * `position_ids` [context] = 0 … context − 1; `lengths` [batch], each row's context.
 * @returns `crossOutputNames` of each decoder layer, [batch, heads, context, headDim]
 */
export function encode(context: LayerContext, config: WhisperConfig, linear: EncoderLinear): Record<string, Value> {
  const { graph } = context;
  const frames = 'frames';
  const positions = `${frames}/2`; // context: the second convolution has stride 2
  const mel = graph.input('mel', f32('batch', config.mels, 'frames+2'));
  const positionIds = graph.input('position_ids', i32(positions));
  const lengths = graph.input('lengths', i32('batch'));

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
  return Object.fromEntries(outputs);
}
