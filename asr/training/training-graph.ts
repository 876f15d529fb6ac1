import { tracedLinear } from '../../kernels/gradients/adapted-linear.ts';
import { type AttentionForm, tracedAttention } from '../../kernels/gradients/attention.ts';
import { tracedGelu } from '../../kernels/gradients/gelu.ts';
import { tracedLayerNorm } from '../../kernels/gradients/layer-norm.ts';
import { tokenLoss } from '../../kernels/gradients/token-loss.ts';
import { inSequence, type Traced, type TrainingContext, withResidual } from '../../kernels/gradients/traced.ts';
import type { Graph, Value } from '../../kernels/graph/graph.ts';
import { GraphBuilder, int } from '../../kernels/graph/graph-builder.ts';
import { f32, i32 } from '../../kernels/graph/tensor-type.ts';
import { IN_FP32, parameter } from '../../kernels/layers/parameters.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { convolutions } from '../whisper/convolutions.ts';
import { type GraphPlan, OUTPUT_EMBEDDING } from '../whisper/graph-plan.ts';
import { layerNames } from '../whisper/targets.ts';

/** Always fp32: gradients of int8 products would not be theirs. */
export type TrainingGraphPlan = Pick<GraphPlan, 'weights' | 'ranks'>;

export interface TrainingGraphForm {
  /** ε of the token loss */
  readonly labelSmoothing: number;
  /** whether a teacher has a say: adds the inputs named `teacher_…`, and the output `encoder_losses` */
  readonly distils: boolean;
}

/**
 * Whisper with its loss and the gradients of its adapters' factors, in one graph: what the forward pass computes stays
 * in onnxruntime's memory until the backward pass has used it, and nothing is computed twice (docs/adr/0010).
 *
 * Inputs: those of `encoderFeeds`; `learners` [batch], and their factors, [learners, ...factor]; `key_mask`
 * [batch, 1, 1, context], added to the scores; `tokens` [batch, tokens] and `token_positions` [tokens]; `causal_mask` [tokens, tokens];
 * `target_places` [targets], the places row·tokens + position at which something is to be said, `target_tokens`
 * [targets] and `target_weights` [targets, 1]; `place_targets` [batch, tokens], for each place which target it is, or
 * any, and `place_mask` [batch, tokens, 1], 1 where it is one.
 * With a teacher: `teacher_hidden` [targets, dim] and `teacher_share` [targets, 1]; `teacher_encoder`
 * [batch, context, dim] and `encoder_weights` [batch, context, 1].
 * Outputs: `losses` [targets, 1] in nats; for each factor its gradient, one for each row (`gradientName`);
 * with a teacher `encoder_losses` [batch, context, 1].
 */
export function trainingGraph(config: WhisperConfig, plan: TrainingGraphPlan, form: TrainingGraphForm): Graph {
  const graph = new GraphBuilder(`${config.name}-training`);
  const context: TrainingContext = { ...plan, graph, ...IN_FP32, factorGradients: new Map() };
  const model = forward(context, config, plan);
  const { hidden } = model;
  const loss = tokenLoss(
    context,
    {
      hidden: hidden.value,
      tokens: graph.input('target_tokens', i32('targets')),
      weights: graph.input('target_weights', f32('targets', 1)),
      ...(form.distils ? { teacher: teacherInputs(graph, config) } : {}),
    },
    { embedding: OUTPUT_EMBEDDING, labelSmoothing: form.labelSmoothing },
  );
  const encoderGradient = model.decoder.pull(hidden.pull(loss.gradient));
  const encoderLoss = form.distils ? hiddenStateLoss(graph, config, model.encoder.value) : null;
  model.encoder.pull(encoderLoss === null ? encoderGradient : graph.op('Add', [encoderGradient, encoderLoss.gradient]));
  return graph.build({
    losses: loss.losses,
    ...(encoderLoss === null ? {} : { encoder_losses: encoderLoss.losses }),
    ...Object.fromEntries(context.factorGradients),
  });
}

/**
 * The same forward pass without adapters and gradients: what a teacher knows. Inputs as above, as far as they concern
 * the forward pass. Outputs: `hidden` [targets, dim], `encoder` [batch, context, dim].
 */
export function teacherGraph(config: WhisperConfig, { weights }: Pick<TrainingGraphPlan, 'weights'>): Graph {
  const graph = new GraphBuilder(`${config.name}-teacher`);
  const context: TrainingContext = { graph, weights, ...IN_FP32, factorGradients: new Map() };
  const model = forward(context, config, { weights, ranks: () => ({ flora: 0, lora: 0 }) });
  return graph.build({ hidden: model.hidden.value, encoder: model.encoder.value });
}

interface ForwardPass {
  /** its last hidden states; `pull` ends at the first adapted layer */
  readonly encoder: { readonly value: Value; readonly pull: (gradient: Value) => void };
  /** `pull` takes the gradient of its last hidden states, and gives that of the encoder's */
  readonly decoder: { readonly pull: (gradient: Value) => Value };
  /** [targets, dim], after the last normalisation; `pull` gives the gradient at the decoder's places */
  readonly hidden: Traced;
}

function forward(context: TrainingContext, config: WhisperConfig, plan: TrainingGraphPlan): ForwardPass {
  const { graph } = context;
  const learners = graph.input('learners', i32('batch'));
  const layers = { ...layerKit(context, config, plan, learners), keyMask: keyMask(graph) };
  const encoder = encode(context, config, layers);
  const { decoded, pull } = decode(context, config, layers, encoder.value);
  return { encoder, decoder: { pull }, hidden: atTargets(graph, decoded, config) };
}

/** The layers of both stacks, with what all of them share. */
function layerKit(context: TrainingContext, config: WhisperConfig, plan: TrainingGraphPlan, learners: Value) {
  const linear = (name: string) => (x: Value) => tracedLinear(context, { name, ranks: plan.ranks(name), learners }, x);
  const norm = (name: string) => (x: Value) => tracedLayerNorm(context, name, x);
  const form = { heads: config.heads, headDim: config.dim / config.heads };

  /** Attention over keys and values that are given; its input is what asks. */
  const attention = (name: string, x: Value, source: Value, mask: Value) => {
    const [query, key, value] = [
      linear(`${name}.q_proj`)(x),
      linear(`${name}.k_proj`)(source),
      linear(`${name}.v_proj`)(source),
    ];
    const inputs = { query: query.value, key: key.value, value: value.value };
    const attended = tracedAttention(context, inputs, { ...form, mask } satisfies AttentionForm);
    const output = linear(`${name}.out_proj`)(attended.value);
    return {
      value: output.value,
      pull: (gradient: Value) => {
        const passed = attended.pull(output.pull(gradient));
        return {
          asking: query.pull(passed.query),
          source: context.graph.op('Add', [key.pull(passed.key), value.pull(passed.value)]),
        };
      },
    };
  };
  const selfAttention = (layer: string, mask: Value) => (x: Value) =>
    inSequence(x, norm(`${layer}.self_attn_layer_norm`), (normed): Traced => {
      const attended = attention(`${layer}.self_attn`, normed, normed, mask);
      const pull = (gradient: Value) => {
        const { asking, source } = attended.pull(gradient);
        return context.graph.op('Add', [asking, source]);
      };
      return { value: attended.value, pull };
    });
  const feedForward = (layer: string) => (x: Value) =>
    inSequence(
      x,
      norm(`${layer}.final_layer_norm`),
      linear(`${layer}.fc1`),
      (hidden) => tracedGelu(context, hidden),
      linear(`${layer}.fc2`),
    );
  return { norm, attention, selfAttention, feedForward };
}

type LayerKit = ReturnType<typeof layerKit> & { readonly keyMask: Value };

function keyMask(graph: GraphBuilder): Value {
  return graph.input('key_mask', f32('batch', 1, 1, 'frames/2'));
}

function encode(context: TrainingContext, config: WhisperConfig, layers: LayerKit): ForwardPass['encoder'] {
  const { graph } = context;
  const mel = graph.input('mel', f32('batch', config.mels, 'frames+2'));
  const positionIds = graph.input('position_ids', i32('frames/2'));
  const table = parameter(context, 'model.encoder.embed_positions.weight');
  const positions = graph.op('Gather', [table, positionIds], { axis: int(0) });
  const begin = graph.op('Add', [convolutions(context, mel), positions]); // [batch, context, dim]
  const residual = (layer: (x: Value) => Traced) => (x: Value) => withResidual(context, x, layer);
  return inSequence(
    begin,
    ...layerNames('encoder', config.encoderLayers).flatMap((layer) => [
      residual(layers.selfAttention(layer, layers.keyMask)),
      residual(layers.feedForward(layer)),
    ]),
    layers.norm('model.encoder.layer_norm'),
  );
}

/** All places of all rows at once; a place sees itself and those before it. */
function decode(context: TrainingContext, config: WhisperConfig, layers: LayerKit, encoded: Value) {
  const { graph } = context;
  const tokens = graph.input('tokens', i32('batch', 'tokens'));
  const tokenPositions = graph.input('token_positions', i32('tokens'));
  const causalMask = graph.input('causal_mask', f32('tokens', 'tokens'));
  const lookUp = (table: string, ids: Value) => graph.op('Gather', [parameter(context, table), ids], { axis: int(0) });
  const begin = graph.op('Add', [
    lookUp(`${OUTPUT_EMBEDDING}.weight`, tokens),
    lookUp('model.decoder.embed_positions.weight', tokenPositions),
  ]); // [batch, tokens, dim]

  const toEncoder: Value[] = [];
  const crossAttention = (layer: string) => (x: Value) =>
    inSequence(x, layers.norm(`${layer}.encoder_attn_layer_norm`), (normed): Traced => {
      const attended = layers.attention(`${layer}.encoder_attn`, normed, encoded, layers.keyMask);
      const pull = (gradient: Value) => {
        const { asking, source } = attended.pull(gradient);
        toEncoder.push(source);
        return asking;
      };
      return { value: attended.value, pull };
    });
  const residual = (layer: (x: Value) => Traced) => (x: Value) => withResidual(context, x, layer);
  const decoded = inSequence(
    begin,
    ...layerNames('decoder', config.decoderLayers).flatMap((layer) => [
      residual(layers.selfAttention(layer, causalMask)),
      residual(crossAttention(layer)),
      residual(layers.feedForward(layer)),
    ]),
    layers.norm('model.decoder.layer_norm'),
  );
  const pull = (gradient: Value) => {
    decoded.pull(gradient);
    return toEncoder.reduce((sum, value) => graph.op('Add', [sum, value]));
  };
  return { decoded: decoded.value, pull };
}

/** The hidden states where something is to be said. */
function atTargets(graph: GraphBuilder, decoded: Value, config: WhisperConfig): Traced {
  const places = graph.input('target_places', i32('targets'));
  const flat = graph.op('Reshape', [decoded, graph.ints([-1, config.dim])]); // [batch·tokens, dim]
  return {
    value: graph.op('Gather', [flat, places], { axis: int(0) }), // [targets, dim]
    pull: (gradient) => {
      const spread = graph.op('Gather', [gradient, graph.input('place_targets', i32('batch', 'tokens'))], { axis: int(0) });
      return graph.op('Mul', [spread, graph.input('place_mask', f32('batch', 'tokens', 1))]); // [batch, tokens, dim]
    },
  };
}

function teacherInputs(graph: GraphBuilder, config: WhisperConfig) {
  return {
    hidden: graph.input('teacher_hidden', f32('targets', config.dim)),
    share: graph.input('teacher_share', f32('targets', 1)),
  };
}

/** Mean squared difference from the teacher's hidden states at each position; its gradient is weighted. */
function hiddenStateLoss(graph: GraphBuilder, config: WhisperConfig, encoded: Value) {
  const taught = graph.input('teacher_encoder', f32('batch', 'frames/2', config.dim));
  const weights = graph.input('encoder_weights', f32('batch', 'frames/2', 1));
  const difference = graph.op('Sub', [encoded, taught]);
  const squared = graph.op('Mul', [difference, difference]);
  return {
    losses: graph.op('ReduceMean', [squared, graph.ints([-1])], { keepdims: int(1) }), // [batch, context, 1]
    gradient: graph.op('Mul', [difference, graph.op('Mul', [weights, graph.scalar(2 / config.dim)])]),
  };
}
