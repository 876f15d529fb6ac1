import type { Value } from '../graph/graph.ts';
import { type GraphBuilder, int } from '../graph/graph-builder.ts';
import { f32 } from '../graph/tensor-type.ts';
import { type AdaptedLinear, factorNames } from '../layers/adapted-linear.ts';
import { parameter } from '../layers/parameters.ts';
import { sharedGemm, sharedWeight } from '../layers/shared-gemm.ts';
import { sumOver, type Traced, type TrainingContext, timesTransposed, transposedTimes } from './traced.ts';

/** Under this name a training graph gives out the gradient of a factor, one for each row: [batch, ...factor]. */
export function gradientName(factor: string): string {
  return `${factor}.gradient`;
}

/** Several rows may train the same factors, so these come once for each learner: [learners, ...factor]. */
export interface LearnedLinear extends AdaptedLinear {
  /** [batch] i32: each row's learner */
  readonly learners: Value;
}

/**
 * Semantics: `adaptedLinear` (kernels/layers), differentiable in x and in the rows' factors:
 *
 *   z_k = (b_k ∘ x) W0          y = Σ_k a_k ∘ z_k + (x A) B + bias
 *   da_k = Σ_t dy ∘ z_k         du_k = (dy ∘ a_k) W0ᵀ      db_k = Σ_t du_k ∘ x      dx = Σ_k du_k ∘ b_k
 *   dB = (x A)ᵀ dy              dA = xᵀ (dy Bᵀ)            dx += (dy Bᵀ) Aᵀ
 *
 * @param x [batch, positions, in]
 */
export function tracedLinear(context: TrainingContext, linear: LearnedLinear, x: Value): Traced {
  const { graph, weights } = context;
  return graph.scoped(linear.name, () => {
    const terms = [
      ...(linear.ranks.flora > 0 ? [floraTerm(context, linear, x)] : [plainTerm(context, linear, x)]),
      ...(linear.ranks.lora > 0 ? [loraTerm(context, linear, x)] : []),
    ];
    const sum = addAll(
      graph,
      terms.map((term) => term.value),
    );
    const bias = `${linear.name}.bias`;
    return {
      value: weights.names.includes(bias) ? graph.op('Add', [sum, parameter(context, bias)]) : sum,
      pull: (gradient) =>
        graph.scoped(`gradient/${linear.name}`, () =>
          addAll(
            graph,
            terms.map((term) => term.pull(gradient)),
          ),
        ),
    };
  });
}

function plainTerm(context: TrainingContext, { name }: AdaptedLinear, x: Value): Traced {
  return {
    value: sharedGemm(context, name, x),
    pull: (gradient) => timesTransposed(context, gradient, sharedWeight(context, name)),
  };
}

function floraTerm(context: TrainingContext, { name, ranks, learners }: LearnedLinear, x: Value): Traced {
  const { graph, factorGradients } = context;
  const names = factorNames(name);
  const [outDim = 0, inDim = 0] = context.weights.shape(`${name}.weight`);
  const rank = ranks.flora;
  const rows = (input: string, dim: number) =>
    graph.op('Gather', [graph.input(input, f32('learners', rank, dim)), learners], { axis: int(0) }); // [batch, rank, dim]
  const a = rows(names.floraA, outDim);
  const b = rows(names.floraB, inDim);
  // with one component, the rank axis serves as the positions axis: both have length 1 there
  const spread = (value: Value, axis: number) => (rank === 1 ? value : graph.op('Unsqueeze', [value, graph.ints([axis])]));
  const fold = (value: Value) => (rank === 1 ? value : sumOver(context, value, 1));
  const positionsAxis = rank === 1 ? 1 : 2;
  const factorGradient = (value: Value) => {
    const summed = sumOver(context, value, positionsAxis); // [batch, rank, dim], or [batch, dim]
    return rank === 1 ? graph.op('Unsqueeze', [summed, graph.ints([1])]) : summed;
  };

  const [spreadA, spreadB, spreadX] = [spread(a, 2), spread(b, 2), spread(x, 1)];
  const products = sharedGemm(context, name, graph.op('Mul', [spreadX, spreadB])); // [batch, (rank,) positions, out]
  return {
    value: fold(graph.op('Mul', [products, spreadA])),
    pull: (gradient) => {
      const dy = spread(gradient, 1);
      factorGradients.set(gradientName(names.floraA), factorGradient(graph.op('Mul', [products, dy])));
      const du = timesTransposed(context, graph.op('Mul', [dy, spreadA]), sharedWeight(context, name));
      factorGradients.set(gradientName(names.floraB), factorGradient(graph.op('Mul', [du, spreadX])));
      return fold(graph.op('Mul', [du, spreadB]));
    },
  };
}

function loraTerm(context: TrainingContext, { name, ranks, learners }: LearnedLinear, x: Value): Traced {
  const { graph, factorGradients } = context;
  const names = factorNames(name);
  const [outDim = 0, inDim = 0] = context.weights.shape(`${name}.weight`);
  const rows = (input: string, ...shape: number[]) =>
    graph.op('Gather', [graph.input(input, f32('learners', ...shape)), learners], { axis: int(0) });
  const a = rows(names.loraA, inDim, ranks.lora);
  const b = rows(names.loraB, ranks.lora, outDim);
  const inner = graph.op('MatMul', [x, a]); // [batch, positions, rank]
  return {
    value: graph.op('MatMul', [inner, b]),
    pull: (gradient) => {
      factorGradients.set(gradientName(names.loraB), transposedTimes(context, inner, gradient));
      const dInner = timesTransposed(context, gradient, b); // [batch, positions, rank]
      factorGradients.set(gradientName(names.loraA), transposedTimes(context, x, dInner));
      return timesTransposed(context, dInner, a);
    },
  };
}

function addAll(graph: GraphBuilder, values: readonly Value[]): Value {
  return values.reduce((sum, value) => graph.op('Add', [sum, value]));
}
