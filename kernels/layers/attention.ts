import type { Value } from '../graph/graph.ts';
import { float, type GraphBuilder, int, intList, only } from '../graph/graph-builder.ts';

/** Added to the scores of masked keys. onnxruntime's own −10,000 is not below every score that far weights make. */
const MASKED_SCORE = -1e30;

/**
 * Semantics: softmax(q kᵀ / √headDim) v per head, over the first `lengths[i]` keys of row i.
 *
 * @param query [batch, tokens, dim]
 * @param key, value [batch, context, dim], or [batch, heads, context, headDim] when kept from before
 * @param lengths [batch] i32
 * @returns [batch, tokens, dim]
 */
export function attendWithin(
  graph: GraphBuilder,
  { query, key, value, lengths, heads }: Readonly<Record<'query' | 'key' | 'value' | 'lengths', Value>> & { heads: number },
): Value {
  return only(
    graph.microsoft('MultiHeadAttention', [query, key, value, null, lengths], {
      num_heads: int(heads),
      mask_filter_value: float(MASKED_SCORE),
    }),
  );
}

/**
 * Semantics: causal self-attention of new tokens. Either it is one for each row, over the row's own past: row i has
 * `pastLengths[i]` tokens in the cache, and the new key and value count as the next one. Or it is several for each row,
 * and they are its first ones: `pastLengths[i]` is the index of the last, `totalLength` their count, and of the cache
 * nothing is read. The cache is not written: the caller copies the new keys and values into it, because fetching the
 * whole cache costs more.
 *
 * @param query, key, value [rows, tokens, dim]
 * @param pastKey, pastValue [rows, heads, capacity, headDim]
 * @param pastLengths [rows] i32
 * @param totalLength i32 scalar: capacity counted from 1 that the longest row needs, its new tokens included
 * @returns [rows, tokens, dim]
 */
export function attendPast(
  graph: GraphBuilder,
  tensors: Readonly<Record<'query' | 'key' | 'value' | 'pastKey' | 'pastValue' | 'pastLengths' | 'totalLength', Value>>,
  heads: number,
): Value {
  const { query, key, value, pastKey, pastValue, pastLengths, totalLength } = tensors;
  const [output] = graph.microsoft('GroupQueryAttention', [query, key, value, pastKey, pastValue, pastLengths, totalLength], {
    num_heads: int(heads),
    kv_num_heads: int(heads),
  });
  if (output === undefined) throw new Error('GroupQueryAttention has an output');
  return output;
}

/** [batch, positions, dim] to [batch, heads, positions, headDim]. */
export function splitHeads(graph: GraphBuilder, x: Value, heads: number, headDim: number): Value {
  const split = graph.op('Reshape', [x, graph.ints([0, 0, heads, headDim])]); // [batch, positions, heads, headDim]
  return graph.op('Transpose', [split], { perm: intList(0, 2, 1, 3) });
}
