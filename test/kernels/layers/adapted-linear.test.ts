import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { GraphBuilder } from '../../../kernels/graph/graph-builder.ts';
import { f32 } from '../../../kernels/graph/tensor-type.ts';
import { int8ProductIsExact } from '../../../kernels/int8-exactness.ts';
import { adaptedLinear, factorNames, type TargetRanks } from '../../../kernels/layers/adapted-linear.ts';
import { IN_FP32, type LayerContext } from '../../../kernels/layers/parameters.ts';
import { tensor } from '../../../kernels/session.ts';
import { runGraph } from '../../support/run-graph.ts';
import { memoryTensors, noise, relativeError } from '../../support/tiny-weights.ts';

/** two blocks, the second of them not full */
const IN = 56;
const OUT = 40;
const POSITIONS = 5;
const SLOTS = 4;
const TARGET = 'model.encoder.layers.0.fc1';

type Products = Omit<LayerContext, 'graph' | 'weights'>;

interface Case {
  readonly ranks: TargetRanks;
  readonly products: Products;
  readonly rows: readonly number[];
  readonly x: Float32Array;
}

/** What this CPU multiplies exactly. */
const INT8_WEIGHTS = (await int8IsExactHere()) ? 's8' : 'u8';

async function int8IsExactHere(): Promise<boolean> {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'flora-asr-int8-'));
  try {
    return await int8ProductIsExact(cacheDir, 'cpu');
  } finally {
    await rm(cacheDir, { recursive: true });
  }
}

const BY_ROWS: Products = { ...IN_FP32, precision: 'int8', int8Weights: INT8_WEIGHTS };
const BY_BLOCKS: Products = { ...BY_ROWS, int8Scales: 'blocks' };
/** Blocks are used where u8 × s8 is exact, and nowhere else. */
const HAS_BLOCKS = INT8_WEIGHTS === 's8';
/** As if the channels' sizes in `x` had been measured. */
const SMOOTHED: Products = { ...BY_ROWS, inputPeaks: () => () => new Float32Array(IN).fill(1) };
const INT8: Readonly<Record<string, Products>> = {
  'by rows': BY_ROWS,
  'by rows, smoothed': SMOOTHED,
  ...(HAS_BLOCKS ? { 'by blocks': BY_BLOCKS } : {}),
};

const random = seededRandom(7);
const WEIGHT = noise(random, OUT * IN, 0.3);
const BIAS = noise(random, OUT);

function bankOf(ranks: TargetRanks) {
  const draw = seededRandom(ranks.flora * 10 + ranks.lora);
  return {
    a: noise(draw, SLOTS * ranks.flora * OUT),
    b: noise(draw, SLOTS * ranks.flora * IN),
    loraA: noise(draw, SLOTS * IN * ranks.lora),
    loraB: noise(draw, SLOTS * ranks.lora * OUT),
  };
}

async function compute({ ranks, products, rows, x }: Case): Promise<Float32Array> {
  const graph = new GraphBuilder('linear');
  const weights = memoryTensors({
    [`${TARGET}.weight`]: { shape: [OUT, IN], values: WEIGHT },
    [`${TARGET}.bias`]: { shape: [OUT], values: BIAS },
  });
  const input = graph.input('x', f32('batch', 'positions', IN));
  const y = adaptedLinear({ graph, weights, ...products }, { name: TARGET, ranks }, input);
  const names = factorNames(TARGET);
  const bank = bankOf(ranks);
  const batch = rows.length;
  const ofRows = (values: Float32Array, ...shape: number[]) => {
    const size = values.length / SLOTS;
    return tensor(Float32Array.from(rows.flatMap((slot) => [...values.subarray(slot * size, (slot + 1) * size)])), shape);
  };
  const { y: result } = await runGraph(graph.build({ y }), {
    x: tensor(x, [batch, x.length / batch / IN, IN]),
    ...(ranks.flora === 0
      ? {}
      : {
          [names.floraA]: ofRows(bank.a, batch, ranks.flora, OUT),
          [names.floraB]: ofRows(bank.b, batch, ranks.flora, IN),
        }),
    ...(ranks.lora === 0
      ? {}
      : {
          [names.loraA]: ofRows(bank.loraA, batch, IN, ranks.lora),
          [names.loraB]: ofRows(bank.loraB, batch, ranks.lora, OUT),
        }),
  });
  if (result === undefined) throw new Error('no output');
  return result;
}

/** The definition, with the per-row weight written out: W_i = W0 ∘ Σ_k a_k b_kᵀ, plus A_i B_i, in fp64. */
function naive({ ranks, rows, x }: Case): Float64Array {
  const bank = bankOf(ranks);
  const positions = x.length / rows.length / IN;
  const y = new Float64Array(rows.length * positions * OUT);
  rows.forEach((slot, row) => {
    for (let o = 0; o < OUT; o += 1) {
      for (let p = 0; p < positions; p += 1) {
        let sum = BIAS[o] ?? 0;
        for (let i = 0; i < IN; i += 1) sum += perRowWeight(bank, ranks, slot, o, i) * (x[(row * positions + p) * IN + i] ?? 0);
        y[(row * positions + p) * OUT + o] = sum;
      }
    }
  });
  return y;
}

function perRowWeight(bank: ReturnType<typeof bankOf>, ranks: TargetRanks, slot: number, o: number, i: number): number {
  let scale = ranks.flora === 0 ? 1 : 0;
  for (let k = 0; k < ranks.flora; k += 1) {
    scale += (bank.a[(slot * ranks.flora + k) * OUT + o] ?? 0) * (bank.b[(slot * ranks.flora + k) * IN + i] ?? 0);
  }
  let added = 0;
  for (let k = 0; k < ranks.lora; k += 1) {
    added += (bank.loraA[(slot * IN + i) * ranks.lora + k] ?? 0) * (bank.loraB[(slot * ranks.lora + k) * OUT + o] ?? 0);
  }
  return (WEIGHT[o * IN + i] ?? 0) * scale + added;
}

/** The sum of what a product gets wrong. */
async function errorOf(products: Products, x: Float32Array): Promise<number> {
  const parameters: Case = { ranks: { flora: 0, lora: 0 }, products, rows, x };
  const exact = naive(parameters);
  return (await compute(parameters)).reduce((sum, value, at) => sum + Math.abs(value - (exact[at] ?? 0)), 0);
}

const rows = [2, 0, 3, 2];
const x = noise(seededRandom(3), rows.length * POSITIONS * IN);
const families: readonly TargetRanks[] = [
  { flora: 0, lora: 0 },
  { flora: 1, lora: 0 },
  { flora: 3, lora: 0 },
  { flora: 0, lora: 4 },
  { flora: 1, lora: 2 },
];

describe('adaptedLinear', () => {
  for (const ranks of families) {
    it(`gives each row its own weight in fp32: FLoRA rank ${ranks.flora}, LoRA rank ${ranks.lora}`, async () => {
      const parameters: Case = { ranks, products: IN_FP32, rows, x };
      expect(relativeError(await compute(parameters), naive(parameters))).toBeLessThan(1e-6);
    });

    for (const [scales, products] of Object.entries(INT8)) {
      it(`stays within 2 % of the rms in int8 ${scales}: FLoRA rank ${ranks.flora}, LoRA rank ${ranks.lora}`, async () => {
        const parameters: Case = { ranks, products, rows, x };
        expect(relativeError(await compute(parameters), naive(parameters))).toBeLessThan(0.02);
      });
    }
  }

  for (const [name, products] of Object.entries({ fp32: IN_FP32, ...INT8 })) {
    it(`gives a row bitwise the same result beside a neighbour 20 times as loud (${name})`, async () => {
      const ranks = { flora: 1, lora: 2 };
      const quiet = x.subarray(0, POSITIONS * IN);
      const loud = x.subarray(POSITIONS * IN, 2 * POSITIONS * IN).map((value) => value * 20);
      const alone = await compute({ ranks, products, rows: [2], x: quiet.slice() });
      const together = await compute({ ranks, products, rows: [2, 3], x: Float32Array.of(...quiet, ...loud) });
      expect(together.slice(0, alone.length)).toEqual(alone);
    });
  }

  describe('where one channel is a hundred times as large as the others', () => {
    const channel = 40;
    const spoilt = x.map((value, at) => (at % IN === channel ? 100 * value : value));
    const peaks = new Float32Array(IN).fill(1).fill(100, channel, channel + 1);

    it.runIf(HAS_BLOCKS)('errs less by blocks than by rows', async () => {
      expect(await errorOf(BY_BLOCKS, spoilt)).toBeLessThan(0.9 * (await errorOf(BY_ROWS, spoilt)));
    });

    it('errs less where that is known, because the weight takes over a part', async () => {
      const told: Products = { ...BY_ROWS, inputPeaks: () => () => peaks };
      expect(await errorOf(told, spoilt)).toBeLessThan(0.6 * (await errorOf(BY_ROWS, spoilt)));
    });
  });

  it('errs less with what comes from a GELU where that is known, because hardly anything lies below 0', async () => {
    const rectified = x.map((value) => Math.max(value, -0.1));
    const told: Products = { ...BY_ROWS, inputSides: 'rectified' };
    expect(await errorOf(told, rectified)).toBeLessThan(0.85 * (await errorOf(BY_ROWS, rectified)));
  });

  it('keeps values far below 0 whole in an input that should hardly have any', async () => {
    const products: Products = { ...BY_ROWS, inputSides: 'rectified' };
    const negative = x.map((value) => -Math.abs(value));
    const parameters: Case = { ranks: { flora: 0, lora: 0 }, products, rows, x: negative };
    expect(relativeError(await compute(parameters), naive(parameters))).toBeLessThan(0.05);
  });

  it('refuses an input of the wrong width, naming both', () => {
    const graph = new GraphBuilder('linear');
    const weights = memoryTensors({ [`${TARGET}.weight`]: { shape: [OUT, IN], values: WEIGHT } });
    const input = graph.input('x', f32('batch', 'positions', IN + 1));
    const build = () => adaptedLinear({ graph, weights, ...IN_FP32 }, { name: TARGET, ranks: { flora: 1, lora: 0 } }, input);
    expect(build).toThrow(/takes \[batch, positions, 56\], not \[batch, positions, 57\]/);
  });
});
