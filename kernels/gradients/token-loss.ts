import type { Value } from '../graph/graph.ts';
import { int } from '../graph/graph-builder.ts';
import { parameter } from '../layers/parameters.ts';
import { sumOver, type TrainingContext, timesTransposed } from './traced.ts';

export interface TokenLossInputs {
  /** [targets, dim]: the decoder's last hidden states where something is to be said */
  readonly hidden: Value;
  /** [targets] i32: what is to be said */
  readonly tokens: Value;
  /** [targets, 1]: each one's weight in the loss */
  readonly weights: Value;
  /** where a teacher has a say */
  readonly teacher?: {
    /** [targets, dim]: its hidden states at the same places */
    readonly hidden: Value;
    /** [targets, 1], 0 to 1: its share of the target distribution, the rest being the token's */
    readonly share: Value;
  };
}

export interface TokenLossForm {
  /** the output embedding, [vocab, dim], without `.weight` */
  readonly embedding: string;
  /** ε: the target's probability is 1 − ε, and ε is shared out over the vocabulary */
  readonly labelSmoothing: number;
}

export interface TokenLoss {
  /** [targets, 1], in nats, not yet weighted */
  readonly losses: Value;
  /** d(Σ weights ∘ losses) / d(hidden), [targets, dim] */
  readonly gradient: Value;
}

/**
 * Semantics: cross-entropy of softmax(h Eᵀ) with label smoothing (Szegedy et al. 2016, section 7), its target
 * distribution mixed with a teacher's (Hinton et al. 2015) where there is one. Without one-hot vectors, because the
 * gradient needs rows of E only:
 *
 *   t = (1 − ε) E[y] + ε mean(E), mixed with the teacher's q E
 *   loss = logsumexp(h Eᵀ) − h · t          dh = weight · (p E − t)
 */
export function tokenLoss(context: TrainingContext, inputs: TokenLossInputs, form: TokenLossForm): TokenLoss {
  const { graph } = context;
  const { hidden, tokens, weights, teacher } = inputs;
  const embedding = parameter(context, `${form.embedding}.weight`); // [vocab, dim]
  const logits = timesTransposed(context, hidden, embedding); // [targets, vocab]
  const probabilities = graph.op('Softmax', [logits], { axis: int(-1) });
  const smoothed = graph.op('Add', [
    graph.op('Mul', [graph.op('Gather', [embedding, tokens], { axis: int(0) }), graph.scalar(1 - form.labelSmoothing)]),
    graph.op('Mul', [meanEmbedding(context, form.embedding), graph.scalar(form.labelSmoothing)]),
  ]); // [targets, dim]
  const aim = teacher === undefined ? smoothed : mixed(context, smoothed, teacher, embedding);

  const last = graph.ints([-1]);
  const highest = (value: Value) => graph.op('ReduceMax', [value, last], { keepdims: int(1) });
  // logsumexp = max − ln of the greatest probability, which is never small
  const logSum = graph.op('Sub', [highest(logits), graph.op('Log', [highest(probabilities)])]); // [targets, 1]
  const agreement = graph.op('Unsqueeze', [sumOver(context, graph.op('Mul', [hidden, aim]), 1), graph.ints([1])]);
  const expected = graph.op('MatMul', [probabilities, embedding]); // [targets, dim]
  return {
    losses: graph.op('Sub', [logSum, agreement]),
    gradient: graph.op('Mul', [graph.op('Sub', [expected, aim]), weights]),
  };
}

function mixed(
  context: TrainingContext,
  own: Value,
  { hidden, share }: NonNullable<TokenLossInputs['teacher']>,
  embedding: Value,
): Value {
  const { graph } = context;
  const belief = graph.op('Softmax', [timesTransposed(context, hidden, embedding)], { axis: int(-1) });
  const taught = graph.op('MatMul', [belief, embedding]); // [targets, dim]
  return graph.op('Add', [own, graph.op('Mul', [graph.op('Sub', [taught, own]), share])]);
}

/** mean(E) over the vocabulary, [dim]. */
function meanEmbedding({ graph, weights }: TrainingContext, name: string): Value {
  const [vocab = 0, dim = 0] = weights.shape(`${name}.weight`);
  return graph.weight(`${name}.mean`, { element: 'f32', shape: [dim] }, () => {
    const values = weights.read(`${name}.weight`);
    const sums = new Float64Array(dim);
    for (let i = 0; i < values.length; i += 1) sums[i % dim] = (sums[i % dim] as number) + (values[i] as number);
    return Float32Array.from(sums, (sum) => sum / vocab);
  });
}
