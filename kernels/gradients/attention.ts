import type { Value } from '../graph/graph.ts';
import { type GraphBuilder, int, intList } from '../graph/graph-builder.ts';
import { splitHeads } from '../layers/attention.ts';
import { sumOver, type TrainingContext, timesScaled, timesTransposed, transposedTimes } from './traced.ts';

export interface AttentionInputs<T> {
  /** [batch, tokens, dim] */
  readonly query: T;
  /** [batch, positions, dim] */
  readonly key: T;
  readonly value: T;
}

export interface TracedAttention {
  /** [batch, tokens, dim] */
  readonly value: Value;
  readonly pull: (gradient: Value) => AttentionInputs<Value>;
}

export interface AttentionForm {
  readonly heads: number;
  readonly headDim: number;
  /** added to the scores, [batch or 1, 1, tokens or 1, positions]: 0 for a key that is seen, far below 0 for one that is not */
  readonly mask: Value;
}

/**
 * Semantics: per head, P = softmax(q kᵀ / √headDim + mask), y = P v, differentiable in q, k and v:
 *
 *   dv = Pᵀ dy      dP = dy vᵀ      dS = P ∘ (dP − Σ_keys dP ∘ P)      dq = dS k / √headDim      dk = dSᵀ q / √headDim
 *
 * Written out, because onnxruntime's fused attention has no gradient.
 */
export function tracedAttention(
  context: TrainingContext,
  inputs: AttentionInputs<Value>,
  form: AttentionForm,
): TracedAttention {
  const { graph } = context;
  const { heads, headDim, mask } = form;
  const scale = 1 / Math.sqrt(headDim);
  const split = (x: Value) => splitHeads(graph, x, heads, headDim); // [batch, heads, positions, headDim]
  const [query, key, value] = [split(inputs.query), split(inputs.key), split(inputs.value)];
  const scores = graph.op('Add', [timesTransposed(context, query, key, scale), mask]); // [batch, heads, tokens, positions]
  const shares = graph.op('Softmax', [scores], { axis: int(-1) });
  return {
    value: joinHeads(graph, graph.op('MatMul', [shares, value]), heads * headDim),
    pull: (gradient) => {
      const dy = split(gradient);
      const weighted = graph.op('Mul', [timesTransposed(context, dy, value), shares]); // dP ∘ P
      const total = graph.op('Unsqueeze', [sumOver(context, weighted, 3), graph.ints([3])]);
      const dScores = graph.op('Sub', [weighted, graph.op('Mul', [shares, total])]);
      const join = (x: Value) => joinHeads(graph, x, heads * headDim);
      return {
        query: join(timesScaled(context, dScores, key, scale)),
        key: join(transposedTimes(context, dScores, query, scale)),
        value: join(transposedTimes(context, shares, dy)),
      };
    },
  };
}

/** [batch, heads, positions, headDim] to [batch, positions, dim]. */
function joinHeads(graph: GraphBuilder, x: Value, dim: number): Value {
  const moved = graph.op('Transpose', [x], { perm: intList(0, 2, 1, 3) });
  return graph.op('Reshape', [moved, graph.ints([0, 0, dim])]);
}
