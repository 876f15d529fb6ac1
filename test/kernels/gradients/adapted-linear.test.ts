import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { gradientName, tracedLinear } from '../../../kernels/gradients/adapted-linear.ts';
import { f32, i32 } from '../../../kernels/graph/tensor-type.ts';
import { factorNames, type TargetRanks } from '../../../kernels/layers/adapted-linear.ts';
import { tensor } from '../../../kernels/session.ts';
import { type CheckedInput, expectGradients, type NaiveInputs } from '../../support/check-gradient.ts';
import { memoryTensors, noise } from '../../support/tiny-weights.ts';

const [IN, OUT, POSITIONS, LEARNERS] = [6, 9, 4, 3];
/** Two rows share a learner, and one learner has no row. */
const ROWS = [2, 0, 2];
const TARGET = 'model.encoder.layers.0.fc1';
const NAMES = factorNames(TARGET);
const random = seededRandom(3);
const WEIGHT = noise(random, OUT * IN, 0.4);
const BIAS = noise(random, OUT);

function bankOf(ranks: TargetRanks): Readonly<Record<string, CheckedInput>> {
  const input = (...shape: number[]): CheckedInput => {
    const count = shape.reduce((product, length) => product * length, 1);
    return { shape, values: noise(random, count), learners: ROWS };
  };
  return {
    ...(ranks.flora === 0
      ? {}
      : { [NAMES.floraA]: input(LEARNERS, ranks.flora, OUT), [NAMES.floraB]: input(LEARNERS, ranks.flora, IN) }),
    ...(ranks.lora === 0
      ? {}
      : { [NAMES.loraA]: input(LEARNERS, IN, ranks.lora), [NAMES.loraB]: input(LEARNERS, ranks.lora, OUT) }),
  };
}

/** y = W_i x + bias, each row with its own weight: W_i = W0 ∘ Σ_k a_k b_kᵀ + A_i B_i. */
function naive(inputs: NaiveInputs, { flora, lora }: TargetRanks, hasBias: boolean): readonly number[] {
  const at = (name: string, index: number) => inputs[name]?.[index] ?? 0;
  const weightOf = (learner: number, o: number, i: number) => {
    let [share, added] = [flora === 0 ? 1 : 0, 0];
    for (let k = 0; k < flora; k += 1) {
      const component = learner * flora + k;
      share += at(NAMES.floraA, component * OUT + o) * at(NAMES.floraB, component * IN + i);
    }
    for (let k = 0; k < lora; k += 1) {
      added += at(NAMES.loraA, (learner * IN + i) * lora + k) * at(NAMES.loraB, (learner * lora + k) * OUT + o);
    }
    return (WEIGHT[o * IN + i] ?? 0) * share + added;
  };
  const y: number[] = [];
  for (const [row, learner] of ROWS.entries()) {
    for (let position = 0; position < POSITIONS; position += 1) {
      for (let o = 0; o < OUT; o += 1) {
        let sum = hasBias ? (BIAS[o] ?? 0) : 0;
        for (let i = 0; i < IN; i += 1) sum += weightOf(learner, o, i) * at('x', (row * POSITIONS + position) * IN + i);
        y.push(sum);
      }
    }
  }
  return y;
}

const FAMILIES: readonly { readonly what: string; readonly ranks: TargetRanks; readonly hasBias: boolean }[] = [
  { what: 'no adapter', ranks: { flora: 0, lora: 0 }, hasBias: true },
  { what: 'FLoRA at rank 1', ranks: { flora: 1, lora: 0 }, hasBias: true },
  { what: 'FLoRA at rank 1 and no bias', ranks: { flora: 1, lora: 0 }, hasBias: false },
  { what: 'FLoRA at rank 3', ranks: { flora: 3, lora: 0 }, hasBias: true },
  { what: 'LoRA at rank 2', ranks: { flora: 0, lora: 2 }, hasBias: true },
  { what: 'both FLoRA and LoRA', ranks: { flora: 1, lora: 2 }, hasBias: true },
];

describe('A linear layer', () => {
  for (const { what, ranks, hasBias } of FAMILIES) {
    it(`with ${what} has the slopes of its definition, in what it hears and in each learner's factors`, async () => {
      const shape = [ROWS.length, POSITIONS, IN];
      const bank = bankOf(ranks);
      await expectGradients({
        inputs: { x: { shape, values: noise(random, ROWS.length * POSITIONS * IN) }, ...bank },
        fixed: { learners: tensor(Int32Array.from(ROWS), [ROWS.length]) },
        weights: memoryTensors({
          [`${TARGET}.weight`]: { shape: [OUT, IN], values: WEIGHT },
          ...(hasBias ? { [`${TARGET}.bias`]: { shape: [OUT], values: BIAS } } : {}),
        }),
        outputShape: [ROWS.length, POSITIONS, OUT],
        build: (context, upstream) => {
          const learners = context.graph.input('learners', i32(ROWS.length));
          const x = context.graph.input('x', f32(...shape));
          const { value, pull } = tracedLinear(context, { name: TARGET, ranks, learners }, x);
          const gradients = { x: pull(upstream) };
          expect([...context.factorGradients.keys()].sort()).toEqual(Object.keys(bank).map(gradientName).sort());
          const factors = Object.keys(bank).flatMap((name) => {
            const gradient = context.factorGradients.get(gradientName(name));
            return gradient === undefined ? [] : [[name, gradient] as const];
          });
          return { value, gradients: { ...gradients, ...Object.fromEntries(factors) } };
        },
        naive: (inputs) => naive(inputs, ranks, hasBias),
      });
    });
  }
});
