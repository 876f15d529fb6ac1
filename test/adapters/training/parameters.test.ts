import { describe, expect, it } from 'vitest';
import { type Adapter, makeAdapter } from '../../../adapters/adapter.ts';
import { AdapterBank } from '../../../adapters/bank.ts';
import { parseManifest } from '../../../adapters/manifest.ts';
import { fromAdapter, toTargetWeights } from '../../../adapters/training/adapter-parameters.ts';
import { identityParameters, initialParameters } from '../../../adapters/training/initial-parameters.ts';
import { interpolate } from '../../../adapters/training/interpolate.ts';
import {
  factorViews,
  type LearnerKind,
  type ParameterLayout,
  parameterLayout,
  savedKind,
} from '../../../adapters/training/parameter-layout.ts';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { codeOf, sampleAdapter } from '../sample-adapters.ts';
import { FC1, Q_PROJ } from './toy-run.ts';

const FLORA = parameterLayout('flora', [{ ...FC1, rank: 2 }, Q_PROJ]);
const IA3 = parameterLayout('ia3', [FC1, Q_PROJ]);
const LORA = parameterLayout('lora', [{ ...FC1, rank: 2 }, Q_PROJ]);
const LAYOUTS = [FLORA, IA3, LORA];

/** Values that are no layout's identity. */
function drawn(layout: ParameterLayout, seed = 3): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: layout.length }, () => 2 * random() - 1);
}

function adapterOf(layout: ParameterLayout, values: Float32Array, alpha?: number): Adapter {
  const { manifest } = sampleAdapter({ kind: savedKind(layout.kind), rank: 1 });
  const weights = toTargetWeights(layout, values);
  const targets = Object.fromEntries([...weights].map(([name, { rank }]) => [name, { rank }]));
  const lora = alpha === undefined ? {} : { lora: { alpha } };
  return makeAdapter({
    manifest: parseManifest(JSON.stringify({ ...manifest, targets, ...lora }), 'test'),
    digest: `sha256:${'0'.repeat(64)}`,
    weights,
  });
}

/** Σ_k a_k b_kᵀ for FLoRA, A B for LoRA: what a target's weights are changed by, [in, out]. */
function product(layout: ParameterLayout, values: Float32Array, target: { name: string; inDim: number; outDim: number }) {
  const { a, b } = factorViews(layout, values, target.name);
  const { rank } = layout.targets.find(({ name }) => name === target.name) as { rank: number };
  const sum: number[] = [];
  for (let i = 0; i < target.inDim; i += 1) {
    for (let o = 0; o < target.outDim; o += 1) {
      let entry = 0;
      for (let k = 0; k < rank; k += 1) {
        const [left, right] =
          layout.kind === 'lora'
            ? [a[i * rank + k], b[k * target.outDim + o]]
            : [a[k * target.outDim + o], b[k * target.inDim + i]];
        entry += (left ?? 0) * (right ?? 0);
      }
      sum.push(entry);
    }
  }
  return sum;
}

describe('a layout', () => {
  it('has a and b of each target one after another, as views', () => {
    expect(FLORA.length).toBe(2 * (5 + 3) + 8);
    const values = Float32Array.from({ length: FLORA.length }, (_, index) => index);
    const { a, b } = factorViews(FLORA, values, Q_PROJ.name);
    expect([...a, ...b]).toEqual([16, 17, 18, 19, 20, 21, 22, 23]);
    a[0] = -1;
    expect(values[16]).toBe(-1);
  });

  it("trains everything but (IA)³'s b", () => {
    expect(FLORA.trained).toEqual([{ start: 0, end: FLORA.length }]);
    expect(IA3.trained).toEqual([
      { start: 0, end: 5 },
      { start: 8, end: 12 },
    ]);
  });

  it('refuses what cannot be trained, by name', () => {
    expect(() => parameterLayout('flora', [])).toThrow(/no target/);
    expect(() => parameterLayout('flora', [FC1, FC1])).toThrow(/fc1 is listed twice/);
    expect(() => parameterLayout('ia3', [{ ...FC1, rank: 2 }])).toThrow(/fc1: \(IA\)³ has rank 1, not 2/);
    expect(() => parameterLayout('lora', [{ ...FC1, rank: 0 }])).toThrow(/fc1: rank is a whole number from 1, not 0/);
    expect(codeOf(() => factorViews(FLORA, new Float32Array(3), FC1.name))).toBe('argument_invalid');
    expect(() => factorViews(FLORA, new Float32Array(FLORA.length), 'fc9')).toThrow(/fc9 is not among those trained/);
  });
});

describe('parameters at the beginning', () => {
  it.each(LAYOUTS)('are the identity, exactly: $kind', (layout) => {
    const values = initialParameters(layout, seededRandom(1));
    const identity = layout.kind === 'lora' ? 0 : 1;
    for (const target of [FC1, Q_PROJ]) {
      expect(product(layout, values, target).every((entry) => entry === identity)).toBe(true);
      expect(product(layout, identityParameters(layout), target).every((entry) => entry === identity)).toBe(true);
    }
  });

  it("have a different b in each of FLoRA's further components, so that those get different gradients", () => {
    const layout = parameterLayout('flora', [{ ...FC1, rank: 3 }]);
    const { a, b } = factorViews(layout, initialParameters(layout, seededRandom(1)), FC1.name);
    expect([...a.subarray(5)].every((value) => value === 0)).toBe(true);
    const further = [...b.subarray(3)];
    expect(new Set(further).size).toBe(6);
    expect(further.every((value) => value !== 0 && Math.abs(value) <= 0.1)).toBe(true);
  });

  it("draw LoRA's a within 1/√in", () => {
    const { a, b } = factorViews(LORA, initialParameters(LORA, seededRandom(1)), FC1.name);
    expect(Math.max(...a.map(Math.abs))).toBeGreaterThan(0.3);
    expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(3));
    expect([...b].every((value) => value === 0)).toBe(true);
  });
});

describe('parameters and adapters', () => {
  it.each(LAYOUTS)('come back from an adapter as they were: $kind', (layout) => {
    const values = drawn(layout);
    if (layout.kind === 'ia3') for (const { name } of layout.targets) factorViews(layout, values, name).b.fill(1);
    expect(fromAdapter(layout, adapterOf(layout, values), seededRandom(9))).toEqual(values);
  });

  it.each([FLORA, LORA])('are what the serving bank holds in a slot: $kind', (layout) => {
    const values = drawn(layout);
    const bank = new AdapterBank({
      slots: 2,
      targets: layout.targets.map((target) => ({
        target,
        floraRank: layout.kind === 'flora' ? target.rank : 0,
        loraRank: layout.kind === 'lora' ? target.rank : 0,
      })),
    });
    bank.write(1, adapterOf(layout, values));
    for (const { name } of layout.targets) {
      const { a, b } = factorViews(layout, values, name);
      const [bankA, bankB] = bank.tensorsFor(name).map((tensor) => tensor.values.subarray(tensor.values.length / 2));
      expect(bankA).toEqual(a);
      expect(bankB).toEqual(b);
    }
  });

  it("take LoRA's alpha into b", () => {
    const values = drawn(LORA);
    const scaled = fromAdapter(LORA, adapterOf(LORA, values, 4), seededRandom(9));
    const [before, after] = [product(LORA, values, FC1), product(LORA, scaled, FC1)]; // rank 2: twice
    for (const [index, entry] of after.entries()) expect(entry).toBeCloseTo(2 * (before[index] as number), 5);
  });

  it.each(['flora', 'lora'] as const)('keep the product when the rank grows, and new targets begin afresh: %s', (kind) => {
    const small = parameterLayout(kind, [FC1]);
    const large = parameterLayout(kind, [{ ...FC1, rank: 3 }, Q_PROJ]);
    const values = drawn(small);
    const grown = fromAdapter(large, adapterOf(small, values), seededRandom(9));
    expect(product(large, grown, FC1)).toEqual(product(small, values, FC1));
    expect(new Set(product(large, grown, Q_PROJ))).toEqual(new Set([kind === 'lora' ? 0 : 1]));
  });

  it('refuse an adapter that the layout has no place for, saying why', () => {
    const flora = adapterOf(FLORA, drawn(FLORA));
    const from = (kind: LearnerKind, targets: Parameters<typeof parameterLayout>[1], adapter = flora) =>
      fromAdapter(parameterLayout(kind, targets), adapter, seededRandom(1));
    expect(codeOf(() => from('lora', [FC1]))).toBe('adapter_incompatible');
    expect(() => from('lora', [FC1])).toThrow(/spanish-stamps@1.0.0: it is of kind flora, and lora is to be trained/);
    expect(() => from('flora', [Q_PROJ])).toThrow(/fc1 is not among those trained/);
    expect(() => from('flora', [FC1, Q_PROJ])).toThrow(/fc1 is trained at rank 1, the adapter has rank 2/);
    expect(() => from('flora', [{ ...FC1, rank: 2, inDim: 9 }, Q_PROJ])).toThrow(/maps 9 to 5 values/);
    const single = parameterLayout('flora', [FC1]);
    expect(() => from('ia3', [FC1], adapterOf(single, drawn(single)))).toThrow(/scales the inputs of .*fc1/);
  });
});

describe('interpolation', () => {
  it.each(LAYOUTS)('is the identity at 0, and the parameters at 1, exactly: $kind', (layout) => {
    const values = drawn(layout);
    expect(interpolate(layout, values, 1)).toEqual(values);
    const none = interpolate(layout, values, 0);
    const identity = layout.kind === 'lora' ? 0 : 1;
    for (const target of [FC1, Q_PROJ]) expect(product(layout, none, target).every((entry) => entry === identity)).toBe(true);
  });

  it('goes half way at a half', () => {
    const layout = parameterLayout('flora', [{ ...FC1, rank: 2 }]);
    const values = new Float32Array(layout.length);
    const { a, b } = factorViews(layout, values, FC1.name);
    a.set([2, 2, 2, 2, 2, 4, 4, 4, 4, 4]);
    b.set([0.5, 0.5, 0.5, 8, 8, 8]);
    const half = factorViews(layout, interpolate(layout, values, 0.5), FC1.name);
    expect([half.a[0], half.a[5], half.b[0], half.b[3]]).toEqual([1.5, 2, 0.75, 8]);
    const lora = interpolate(LORA, drawn(LORA), 0.5);
    const [scaled, plain] = [product(LORA, lora, FC1), product(LORA, drawn(LORA), FC1)];
    for (const [index, entry] of scaled.entries()) expect(entry).toBeCloseTo(0.5 * (plain[index] as number), 6);
  });

  it('leaves the array it was given as it is', () => {
    const values = drawn(FLORA);
    interpolate(FLORA, values, 0.5);
    expect(values).toEqual(drawn(FLORA));
  });
});
