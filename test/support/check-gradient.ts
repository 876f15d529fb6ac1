import { expect } from 'vitest';
import { seededRandom } from '../../bench/benches/draw.ts';
import type { TrainingContext } from '../../kernels/gradients/traced.ts';
import type { Value } from '../../kernels/graph/graph.ts';
import { GraphBuilder } from '../../kernels/graph/graph-builder.ts';
import { f32 } from '../../kernels/graph/tensor-type.ts';
import { IN_FP32 } from '../../kernels/layers/parameters.ts';
import { type Feeds, tensor } from '../../kernels/session.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import { runGraph } from './run-graph.ts';
import { memoryTensors, noise, relativeError } from './tiny-weights.ts';

/** A tensor with respect to which a layer is differentiated. */
export interface CheckedInput {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** of factors, whose first axis is learners, while their gradient has one for each row: the rows' learners */
  readonly learners?: readonly number[];
}

/** The inputs' values by name, in double precision. */
export type NaiveInputs = Readonly<Record<string, ArrayLike<number>>>;

export interface GradientCase {
  readonly inputs: Readonly<Record<string, CheckedInput>>;
  /** masks, learners, tokens: fed as they are */
  readonly fixed?: Feeds;
  readonly weights?: TensorSource;
  readonly outputShape: readonly number[];
  /** the rule under test: a value, and the gradients of Σ upstream ∘ value by input */
  readonly build: (
    context: TrainingContext,
    upstream: Value,
  ) => { readonly value: Value; readonly gradients: Readonly<Record<string, Value>> };
  /** the value in plain loops */
  readonly naive: (inputs: NaiveInputs) => ArrayLike<number>;
}

/** Of the central differences: in double precision they are exact to about 1e-8. */
const STEP = 1e-4;
/** Of the gradients' root mean square, and the values': sums of fp32 are exact to about 1e-6. A wrong rule is off by far more. */
const TOLERANCE = 1e-5;

/** No input is called so. */
const VALUE_OUTPUT = 'value of the rule';

/** Compares a rule's value with a naive one, and its gradients, entry by entry, with finite differences of the naive value. */
export async function expectGradients(check: GradientCase): Promise<void> {
  const { inputs, naive, outputShape } = check;
  const upstream = noise(seededRandom(31), size(outputShape));
  const names = Object.keys(inputs);
  const computed = await computeCase(check, upstream);
  const exact = Object.fromEntries(names.map((name) => [name, Float64Array.from((inputs[name] as CheckedInput).values)]));
  expect(relativeError(computed[VALUE_OUTPUT] ?? [], naive(exact)), 'value').toBeLessThan(TOLERANCE);
  const loss = () => Array.from(naive(exact)).reduce((sum, value, i) => sum + value * (upstream[i] ?? 0), 0);
  for (const name of names) {
    const values = exact[name] as Float64Array;
    const slopes = values.map((value, i) => {
      values[i] = value + STEP;
      const above = loss();
      values[i] = value - STEP;
      const below = loss();
      values[i] = value;
      return (above - below) / (2 * STEP);
    });
    const gradient = sumOverRows(inputs[name] as CheckedInput, computed[gradientOutput(name)] ?? new Float32Array(0));
    expect(gradient.length, name).toBe(values.length);
    expect(relativeError(gradient, slopes), `gradient of ${name}`).toBeLessThan(TOLERANCE);
  }
}

async function computeCase(
  { inputs, fixed = {}, weights = memoryTensors({}), outputShape, build }: GradientCase,
  upstream: Float32Array,
): Promise<Readonly<Record<string, Float32Array>>> {
  const graph = new GraphBuilder('gradient');
  const context: TrainingContext = { graph, weights, ...IN_FP32, factorGradients: new Map() };
  const { value, gradients } = build(context, graph.input('upstream', f32(...outputShape)));
  const outputs = Object.entries(gradients).map(([name, gradient]) => [gradientOutput(name), gradient] as const);
  const feeds = Object.entries(inputs).map(([name, { shape, values }]) => [name, tensor(values, shape)] as const);
  return runGraph(graph.build({ [VALUE_OUTPUT]: value, ...Object.fromEntries(outputs) }), {
    ...Object.fromEntries(feeds),
    ...fixed,
    upstream: tensor(upstream, outputShape),
  });
}

/** A learner has what all its rows have together. */
function sumOverRows({ shape: [count = 0], values, learners }: CheckedInput, gradient: Float32Array): Float32Array {
  if (learners === undefined) return gradient;
  const sums = new Float32Array(values.length);
  const each = values.length / count;
  for (const [row, learner] of learners.entries()) {
    for (let i = 0; i < each; i += 1) {
      sums[learner * each + i] = (sums[learner * each + i] ?? 0) + (gradient[row * each + i] ?? Number.NaN);
    }
  }
  return sums;
}

function gradientOutput(input: string): string {
  return `gradient of ${input}`;
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
