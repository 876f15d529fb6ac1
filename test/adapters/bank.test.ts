import { describe, expect, it } from 'vitest';
import type { Adapter } from '../../adapters/adapter.ts';
import { AdapterBank } from '../../adapters/bank.ts';
import type { Target } from '../../adapters/target.ts';
import { codeOf, FC1, Q_PROJ, sampleAdapter } from './sample-adapters.ts';

const plan = {
  slots: 3,
  targets: [
    { target: FC1, floraRank: 2, loraRank: 3 },
    { target: Q_PROJ, floraRank: 1, loraRank: 0 },
  ],
};

/** A slot's part of a bank tensor. */
function slotOf(bank: AdapterBank, target: Target, suffix: string, slot: number): readonly number[] {
  const found = bank.tensorsFor(target.name).find(({ name }) => name === `${target.name}.${suffix}`);
  if (found === undefined) throw new Error(`no ${suffix}`);
  const length = found.values.length / bank.slots;
  return [...found.values.subarray(slot * length, (slot + 1) * length)];
}

function expectIdentity(bank: AdapterBank, slot: number): void {
  const { inDim, outDim } = FC1;
  expect(slotOf(bank, FC1, 'flora_a', slot)).toEqual([...Array(outDim).fill(1), ...Array(outDim).fill(0)]);
  expect(slotOf(bank, FC1, 'flora_b', slot)).toEqual([...Array(inDim).fill(1), ...Array(inDim).fill(0)]);
  expect(slotOf(bank, FC1, 'lora_a', slot)).toEqual(Array(inDim * 3).fill(0));
  expect(slotOf(bank, FC1, 'lora_b', slot)).toEqual(Array(3 * outDim).fill(0));
  expect(slotOf(bank, Q_PROJ, 'flora_a', slot)).toEqual(Array(Q_PROJ.outDim).fill(1));
}

function factors(adapter: Adapter, target: Target) {
  const found = adapter.weights.get(target.name);
  if (found === undefined) throw new Error(`no ${target.name}`);
  return found;
}

/** y = x W0 for a base weight of ones, changed by a slot: the bank's own definition, as the graphs compute it. */
function apply(bank: AdapterBank, slot: number, x: readonly number[]): readonly number[] {
  const { inDim, outDim } = FC1;
  const [a, b] = [slotOf(bank, FC1, 'flora_a', slot), slotOf(bank, FC1, 'flora_b', slot)];
  const [loraA, loraB] = [slotOf(bank, FC1, 'lora_a', slot), slotOf(bank, FC1, 'lora_b', slot)];
  return Array.from({ length: outDim }, (_, o) => {
    let y = 0;
    for (let i = 0; i < inDim; i += 1) {
      for (let k = 0; k < 2; k += 1) y += (a[k * outDim + o] ?? 0) * (b[k * inDim + i] ?? 0) * (x[i] ?? 0);
      for (let k = 0; k < 3; k += 1) y += (x[i] ?? 0) * (loraA[i * 3 + k] ?? 0) * (loraB[k * outDim + o] ?? 0);
    }
    return y;
  });
}

/** The same from the adapter's factors, as their file format defines them. */
function naive(adapter: Adapter, x: readonly number[]): readonly number[] {
  const { inDim, outDim, rank, a, b } = factors(adapter, FC1);
  const { manifest } = adapter;
  const scale = manifest.kind === 'lora' && manifest.lora.alpha !== undefined ? manifest.lora.alpha / rank : 1;
  return Array.from({ length: outDim }, (_, o) => {
    let y = 0;
    for (let i = 0; i < inDim; i += 1) {
      let weight = manifest.kind === 'lora' ? 1 : 0;
      for (let k = 0; k < rank; k += 1) {
        weight +=
          manifest.kind === 'lora'
            ? scale * (a[k * inDim + i] ?? 0) * (b[o * rank + k] ?? 0)
            : (a[k * outDim + o] ?? 0) * (b[k * inDim + i] ?? 0);
      }
      y += weight * (x[i] ?? 0);
    }
    return y;
  });
}

describe('AdapterBank', () => {
  it('holds the identity in every slot at first', () => {
    const bank = new AdapterBank(plan);
    for (const slot of [0, 1, 2]) expectIdentity(bank, slot);
  });

  it('gives the tensors that the graphs take, with their shapes, and leaves an absent family out', () => {
    const bank = new AdapterBank(plan);
    expect(bank.tensorsFor(FC1.name).map(({ name, shape }) => [name, shape])).toEqual([
      [`${FC1.name}.flora_a`, [3, 2, 5]],
      [`${FC1.name}.flora_b`, [3, 2, 3]],
      [`${FC1.name}.lora_a`, [3, 3, 3]],
      [`${FC1.name}.lora_b`, [3, 3, 5]],
    ]);
    expect(bank.tensorsFor(Q_PROJ.name).map(({ shape }) => shape)).toEqual([
      [3, 1, 4],
      [3, 1, 4],
    ]);
    expect([bank.floraRank(FC1.name), bank.loraRank(FC1.name), bank.loraRank(Q_PROJ.name), bank.floraRank('none')]).toEqual([
      2, 3, 0, 0,
    ]);
  });

  it('gives live views: the same arrays before and after a write', () => {
    const bank = new AdapterBank(plan);
    const before = bank.tensorsFor(FC1.name).map(({ values }) => values);
    bank.write(1, sampleAdapter());
    for (const [index, { values }] of bank.tensorsFor(FC1.name).entries()) expect(values).toBe(before[index]);
  });

  it('writes a FLoRA adapter of lower rank with zeros in the components it lacks', () => {
    const bank = new AdapterBank(plan);
    const adapter = sampleAdapter({ rank: 1 });
    bank.write(2, adapter);
    const { a, b } = factors(adapter, FC1);
    expect(slotOf(bank, FC1, 'flora_a', 2)).toEqual([...a, ...Array(FC1.outDim).fill(0)]);
    expect(slotOf(bank, FC1, 'flora_b', 2)).toEqual([...b, ...Array(FC1.inDim).fill(0)]);
  });

  for (const rank of [1, 2]) {
    it(`computes a FLoRA adapter of rank ${rank} as its factors define it`, () => {
      const bank = new AdapterBank(plan);
      const adapter = sampleAdapter({ targets: [FC1], rank });
      bank.write(1, adapter);
      const x = [0.3, -2, 1.5];
      for (const [o, y] of naive(adapter, x).entries()) expect(apply(bank, 1, x)[o]).toBeCloseTo(y, 6);
    });
  }

  for (const [rank, alpha] of [
    [1, undefined],
    [2, 8],
    [3, 1],
  ] as const) {
    it(`computes a LoRA adapter of rank ${rank} with alpha ${alpha} as its factors define it`, () => {
      const bank = new AdapterBank(plan);
      const made = sampleAdapter({ targets: [FC1], rank, kind: 'lora' });
      const manifest = { ...made.manifest, kind: 'lora' as const, lora: alpha === undefined ? {} : { alpha } };
      const adapter: Adapter = { ...made, manifest };
      bank.write(1, adapter);
      const x = [0.3, -2, 1.5];
      for (const [o, y] of naive(adapter, x).entries()) expect(apply(bank, 1, x)[o]).toBeCloseTo(y, 5);
    });
  }

  it('leaves nothing of the former adapter when another is written over it', () => {
    const fresh = new AdapterBank(plan);
    const reused = new AdapterBank(plan);
    reused.write(1, sampleAdapter({ targets: [FC1], rank: 3, kind: 'lora' }));
    reused.write(1, sampleAdapter({ targets: [FC1], rank: 2, seed: 5 }));
    const last = sampleAdapter({ targets: [FC1], rank: 1, seed: 6 });
    for (const bank of [fresh, reused]) bank.write(1, last);
    expect(reused.tensorsFor(FC1.name)).toEqual(fresh.tensorsFor(FC1.name));
    expect(slotOf(reused, Q_PROJ, 'flora_a', 1)).toEqual([1, 1, 1, 1]);
  });

  it('leaves all other slots alone, and clears a slot to the identity', () => {
    const bank = new AdapterBank(plan);
    bank.write(1, sampleAdapter({ rank: 1 }));
    expectIdentity(bank, 0);
    expectIdentity(bank, 2);
    bank.clear(1);
    expectIdentity(bank, 1);
  });

  it('refuses slot 0 and slots outside the bank', () => {
    const bank = new AdapterBank(plan);
    for (const slot of [0, 3, -1, 0.5, Number.NaN]) {
      expect(codeOf(() => bank.write(slot, sampleAdapter()))).toBe('argument_invalid');
      expect(codeOf(() => bank.clear(slot))).toBe('argument_invalid');
    }
  });

  it('refuses an adapter that it cannot hold, and leaves the slot as it was', () => {
    const bank = new AdapterBank(plan);
    const misfits = [
      sampleAdapter({ rank: 2 }), // q_proj has room for rank 1
      sampleAdapter({ kind: 'lora' }), // q_proj has no LoRA
      sampleAdapter({ targets: [{ ...FC1, name: 'model.encoder.layers.9.fc1' }] }),
      sampleAdapter({ targets: [{ ...FC1, inDim: 4 }] }),
    ];
    for (const adapter of misfits) expect(codeOf(() => bank.write(1, adapter))).toBe('adapter_incompatible');
    expectIdentity(bank, 1);
  });

  it('refuses a plan without slots or with a rank that is no count', () => {
    expect(codeOf(() => new AdapterBank({ slots: 0, targets: [] }))).toBe('argument_invalid');
    const targets = [{ target: FC1, floraRank: -1, loraRank: 0 }];
    expect(codeOf(() => new AdapterBank({ slots: 1, targets }))).toBe('argument_invalid');
    expect(codeOf(() => new AdapterBank(plan).tensorsFor('none'))).toBe('argument_invalid');
  });

  it('takes adapters that were posted to another thread', () => {
    const bank = new AdapterBank(plan);
    const adapter = sampleAdapter();
    bank.write(1, adapter);
    bank.write(2, structuredClone(adapter));
    expect(slotOf(bank, FC1, 'flora_a', 2)).toEqual(slotOf(bank, FC1, 'flora_a', 1));
  });
});
