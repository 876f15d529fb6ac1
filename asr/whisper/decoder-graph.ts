import type { Graph, Value } from '../../kernels/graph/graph.ts';
import { GraphBuilder, int } from '../../kernels/graph/graph-builder.ts';
import { f32, i32, i64 } from '../../kernels/graph/tensor-type.ts';
import { adaptedLinear } from '../../kernels/layers/adapted-linear.ts';
import { attendPast, attendWithin } from '../../kernels/layers/attention.ts';
import { layerNorm } from '../../kernels/layers/layer-norm.ts';
import { type LayerContext, parameter } from '../../kernels/layers/parameters.ts';
import { sharedGemm } from '../../kernels/layers/shared-gemm.ts';
import type { WhisperConfig } from './config.ts';
import { gelu } from './gelu.ts';
import { decoderContext, decoderLayerContext, type GraphPlan, OUTPUT_EMBEDDING } from './graph-plan.ts';
import { layerNames } from './targets.ts';

/** Inputs of the decoder graph for one layer, [rows, heads, capacity or context, headDim]. */
export function cacheInputNames(layer: number) {
  return {
    selfKey: `self_key_${layer}`,
    selfValue: `self_value_${layer}`,
    crossKey: `cross_key_${layer}`,
    crossValue: `cross_value_${layer}`,
  };
}

/** The heads whose queries `alignment_queries` holds, in its order: by layer. */
export function alignmentOrder({ alignmentHeads }: WhisperConfig): WhisperConfig['alignmentHeads'] {
  return alignmentHeads.toSorted(([left], [right]) => left - right);
}

/**
 * The decoder: a step, in which every row takes one token at its own position; or a row's opening, in which it takes all
 * tokens that it is sure to begin with.
 *
 * Inputs: `tokens`, `positions` [rows, tokens]; `cross_lengths`, and `past_lengths` [rows], which is the position of
 * a row's last token; `total_length` scalar; the caches, of which an opening reads only the audio's. `asked` [rows, asked]:
 * which tokens get an answer, counted through all rows. Of each answer: `mask_kinds` [rows, asked], a row of `masks`
 * [kinds, vocab], which is added to the logits; `free` and `given` i64 [rows, asked, 1]: 1 and 0 where the model chooses,
 * 0 and the token where that is known. `choices` i64 [1], how many tokens are chosen. The rows' factors.
 * Outputs: `next_tokens` i64 [rows, asked, choices], the likeliest under the mask, in that order, or over and over the one
 * given. Log-probabilities are those of the model itself, without the mask: `next_log_probs` [rows, asked, choices] of
 * those tokens, `no_speech_log_prob` [rows, asked, 1], and `language_log_probs` [rows, asked, languages] of the language
 * tokens, in the order of the configuration; the last two are of meaning at the start-of-transcript token. `alignment_queries`
 * [rows, tokens, alignmentHeads, headDim]: what those heads look for in the audio, unscaled. `new_keys_values`
 * [rows, tokens, 2·layers · dim], layer by layer key then value, which the caller copies into the cache.
 */
export function decoderGraph(config: WhisperConfig, plan: GraphPlan): Graph {
  const graph = new GraphBuilder(`${config.name}-decoder`);
  const context = decoderContext(plan, graph);
  const headDim = config.dim / config.heads;
  const tokens = graph.input('tokens', i32('rows', 'tokens'));
  const positions = graph.input('positions', i32('rows', 'tokens'));
  const pastLengths = graph.input('past_lengths', i32('rows'));
  const totalLength = graph.input('total_length', i32());
  const crossLengths = graph.input('cross_lengths', i32('rows'));
  const cache = (name: string, length: string) => graph.input(name, f32('rows', config.heads, length, headDim));
  const linear = (name: string, x: Value) =>
    adaptedLinear(decoderLayerContext(context, name), { name, ranks: plan.ranks(name) }, x);
  const lookUp = (table: string, ids: Value) => graph.op('Gather', [parameter(context, table), ids], { axis: int(0) });

  let x = graph.op('Add', [
    lookUp(`${OUTPUT_EMBEDDING}.weight`, tokens),
    lookUp('model.decoder.embed_positions.weight', positions),
  ]); // [rows, tokens, dim]
  const fresh: Value[] = [];
  const queries: Value[] = [];
  for (const [index, layer] of layerNames('decoder', config.decoderLayers).entries()) {
    const names = cacheInputNames(index);
    const attended = layerNorm(context, `${layer}.self_attn_layer_norm`, x);
    const key = linear(`${layer}.self_attn.k_proj`, attended);
    const value = linear(`${layer}.self_attn.v_proj`, attended);
    fresh.push(key, value);
    const query = linear(`${layer}.self_attn.q_proj`, attended);
    const pastKey = cache(names.selfKey, 'capacity');
    const pastValue = cache(names.selfValue, 'capacity');
    const past = attendPast(graph, { query, key, value, pastKey, pastValue, pastLengths, totalLength }, config.heads);
    x = graph.op('Add', [x, linear(`${layer}.self_attn.out_proj`, past)]);

    const crossQuery = linear(`${layer}.encoder_attn.q_proj`, layerNorm(context, `${layer}.encoder_attn_layer_norm`, x));
    const aligning = alignmentOrder(config).flatMap(([at, head]) => (at === index ? [head] : []));
    if (aligning.length > 0) {
      const byHead = graph.op('Reshape', [crossQuery, graph.ints([0, 0, config.heads, headDim])]); // [rows, tokens, heads, headDim]
      queries.push(graph.op('Gather', [byHead, graph.ints(aligning)], { axis: int(2) }));
    }
    const crossed = attendWithin(graph, {
      query: crossQuery,
      key: cache(names.crossKey, 'context'),
      value: cache(names.crossValue, 'context'),
      lengths: crossLengths,
      heads: config.heads,
    });
    x = graph.op('Add', [x, linear(`${layer}.encoder_attn.out_proj`, crossed)]);

    const hidden = gelu(graph, linear(`${layer}.fc1`, layerNorm(context, `${layer}.final_layer_norm`, x)));
    x = graph.op('Add', [x, linear(`${layer}.fc2`, hidden)]);
  }
  const lined = graph.op('Reshape', [x, graph.ints([-1, config.dim])]); // [rows · tokens, dim]
  const asked = graph.op('Gather', [lined, graph.input('asked', i32('rows', 'asked'))], { axis: int(0) });
  const logits = sharedGemm(
    decoderLayerContext(context, OUTPUT_EMBEDDING),
    OUTPUT_EMBEDDING,
    layerNorm(context, 'model.decoder.layer_norm', asked),
  );
  return graph.build({
    ...choose(context, config, logits),
    alignment_queries: graph.op('Concat', queries, { axis: int(2) }),
    new_keys_values: graph.op('Concat', fresh, { axis: int(2) }),
  });
}

/** Tokens are chosen inside the graph: logits are large (3 MB for 16 rows) and never leave it. */
function choose({ graph }: LayerContext, config: WhisperConfig, logits: Value): Record<string, Value> {
  const kinds = graph.input('mask_kinds', i32('rows', 'asked'));
  const masks = graph.input('masks', f32('kinds', config.vocab));
  const masked = graph.op('Add', [logits, graph.op('Gather', [masks, kinds], { axis: int(0) })]); // [rows, asked, vocab]
  const choices = graph.input('choices', i64(1));
  const [, likeliest] = graph.nodes({ op: 'TopK', domain: '', inputs: [masked, choices], attributes: { axis: int(-1) } });
  const [free, given] = [graph.input('free', i64('rows', 'asked', 1)), graph.input('given', i64('rows', 'asked', 1))];
  const nextTokens = graph.op('Add', [graph.op('Mul', [likeliest as Value, free]), given]);
  const logProbs = graph.op('LogSoftmax', [logits], { axis: int(-1) });
  const ofTokens = (tokens: readonly number[]) => graph.op('Gather', [logProbs, graph.ints(tokens)], { axis: int(2) });
  return {
    next_tokens: nextTokens,
    next_log_probs: graph.op('GatherElements', [logProbs, nextTokens], { axis: int(-1) }),
    no_speech_log_prob: ofTokens([config.special.noSpeech]),
    language_log_probs: ofTokens([...config.languageTokens.values()]),
  };
}
