import { FloraAsrError } from '../errors.ts';
import type { Value } from '../graph/graph.ts';
import { type GraphBuilder, int } from '../graph/graph-builder.ts';
import { type Dim, f32 } from '../graph/tensor-type.ts';
import { type LayerContext, parameter } from './parameters.ts';
import { sharedGemm } from './shared-gemm.ts';

/** The ranks for which a target's bank has room; 0 leaves that family out of the graph. */
export interface TargetRanks {
  readonly flora: number;
  readonly lora: number;
}

/** Names under which the factors of a batch's rows are fed at a target. */
export function factorNames(target: string) {
  return {
    floraA: `${target}.flora_a`, // [batch, rank, out]
    floraB: `${target}.flora_b`, // [batch, rank, in]
    loraA: `${target}.lora_a`, // [batch, in, rank]
    loraB: `${target}.lora_b`, // [batch, rank, out]
  };
}

export interface AdaptedLinear {
  /** the target, e.g. `model.encoder.layers.0.fc1` */
  readonly name: string;
  readonly ranks: TargetRanks;
}

/**
 * Semantics: a linear layer in which row i of the batch has its own adapter,
 *
 *   y_i = Σ_k a_{i,k} ∘ ((b_{i,k} ∘ x_i) W0)  +  (x_i A_i) B_i  +  bias        k = 1..rank
 *
 * The first term is FLoRA (Wen and Chaudhuri 2024, equation 5), the second additive LoRA with its
 * scaling folded into B. All rows and components go through one shared product with W0.
 * The factors are inputs: a row without an adapter is fed the identity, a = b = 1, A = B = 0.
 *
 * @param x [batch, positions, in]
 * @returns [batch, positions, out]
 */
export function adaptedLinear(context: LayerContext, linear: AdaptedLinear, x: Value): Value {
  const { graph, weights } = context;
  const [outDim = 0, inDim = 0] = weights.shape(`${linear.name}.weight`);
  const [batch = 0, , width] = x.type.shape;
  if (x.type.shape.length !== 3 || width !== inDim) {
    throw new FloraAsrError(
      'shape_mismatch',
      `${linear.name} takes [batch, positions, ${inDim}], not [${x.type.shape.join(', ')}].`,
    );
  }
  return graph.scoped(linear.name, () => {
    const product = floraProduct(context, linear, x, { batch, inDim, outDim });
    const additive = linear.ranks.lora === 0 ? null : loraProduct(graph, linear, x, { batch, inDim, outDim });
    const sum = additive === null ? product : graph.op('Add', [product, additive]);
    const bias = `${linear.name}.bias`;
    return weights.names.includes(bias) ? graph.op('Add', [sum, parameter(context, bias)]) : sum;
  });
}

interface Dims {
  readonly batch: Dim;
  readonly inDim: number;
  readonly outDim: number;
}

function floraProduct(context: LayerContext, { name, ranks }: AdaptedLinear, x: Value, dims: Dims): Value {
  const { graph } = context;
  const rank = ranks.flora;
  if (rank === 0) return sharedGemm(context, name, x);
  const names = factorNames(name);
  const a = graph.input(names.floraA, f32(dims.batch, rank, dims.outDim));
  const b = graph.input(names.floraB, f32(dims.batch, rank, dims.inDim));
  if (rank === 1) {
    // the rank axis serves as the positions axis: both have length 1 there
    return graph.op('Mul', [sharedGemm(context, name, graph.op('Mul', [x, b])), a]); // [batch, positions, out]
  }
  const perComponent = graph.ints([2]);
  const scaled = graph.op('Mul', [
    graph.op('Unsqueeze', [x, graph.ints([1])]), // [batch, 1, positions, in]
    graph.op('Unsqueeze', [b, perComponent]), // [batch, rank, 1, in]
  ]); // [batch, rank, positions, in]
  const products = graph.op('Mul', [sharedGemm(context, name, scaled), graph.op('Unsqueeze', [a, perComponent])]);
  return graph.op('ReduceSum', [products, graph.ints([1])], { keepdims: int(0) }); // [batch, positions, out]
}

function loraProduct(graph: GraphBuilder, { name, ranks }: AdaptedLinear, x: Value, dims: Dims): Value {
  const names = factorNames(name);
  const a = graph.input(names.loraA, f32(dims.batch, dims.inDim, ranks.lora));
  const b = graph.input(names.loraB, f32(dims.batch, ranks.lora, dims.outDim));
  return graph.op('MatMul', [graph.op('MatMul', [x, a]), b]); // [batch, positions, out]
}
