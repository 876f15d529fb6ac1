import { FloraAsrError } from '../kernels/errors.ts';
import { factorNames } from '../kernels/layers/adapted-linear.ts';
import { type Adapter, loraScale, type TargetWeights } from './adapter.ts';
import { type RankCapacity, refuseMisfits, targetMisfits } from './check-fit.ts';
import type { Target } from './target.ts';

/** A target and the ranks for which the bank has room; rank 0 leaves that family out. */
export interface BankTarget {
  readonly target: Target;
  readonly floraRank: number;
  readonly loraRank: number;
}

/** A bank tensor under the name by which the graphs take its rows. */
export interface BankTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A target's tensors: a [slots, rank, ·], b [slots, rank, ·], except loraA [slots, in, rank]. */
interface TargetBank extends BankTarget {
  readonly floraA: Float32Array; // [slots, floraRank, out]
  readonly floraB: Float32Array; // [slots, floraRank, in]
  readonly loraA: Float32Array; // [slots, in, loraRank]
  readonly loraB: Float32Array; // [slots, loraRank, out], scaled
}

/** The base model's slot. */
export const IDENTITY_SLOT = 0;

/**
 * The tensors of all resident adapters, a slot each. `RowFactors` gathers from it what each row of a batch needs.
 *
 * Invariants: slot 0, every cleared slot, and any target that a slot's adapter does not have, hold the
 * identity: FLoRA's component 0 is ones and all others zeros; LoRA is zeros. An adapter of lower rank
 * than the bank's has zeros in the components beyond its own.
 *
 * The arrays are live. Whoever owns the bank never writes a slot that a row in flight uses; `AdapterSlots` sees to that.
 */
export class AdapterBank implements RankCapacity {
  readonly slots: number;
  readonly #targets: ReadonlyMap<string, TargetBank>;
  /** by slot: how often it was written */
  readonly #versions: Uint32Array;

  /** @throws FloraAsrError `argument_invalid` */
  constructor(plan: { readonly slots: number; readonly targets: readonly BankTarget[] }) {
    if (!Number.isInteger(plan.slots) || plan.slots < 1) {
      throw new FloraAsrError('argument_invalid', `A bank has at least its identity slot, not ${plan.slots} slots.`);
    }
    this.slots = plan.slots;
    this.#versions = new Uint32Array(plan.slots);
    this.#targets = new Map(plan.targets.map((entry) => [entry.target.name, allocate(entry, plan.slots)]));
    for (const bank of this.#targets.values()) {
      for (let slot = 0; slot < this.slots; slot += 1) writeIdentity(bank, slot);
    }
  }

  /** Highest rank of a FLoRA adapter that fits at the target; 0 where none does. */
  floraRank(target: string): number {
    return this.#targets.get(target)?.floraRank ?? 0;
  }

  /** Highest rank of an additive LoRA adapter that fits at the target; 0 where none does. */
  loraRank(target: string): number {
    return this.#targets.get(target)?.loraRank ?? 0;
  }

  /**
   * Writes an adapter over whatever the slot held. A refused adapter leaves the slot as it was.
   * @throws FloraAsrError `adapter_incompatible` if the bank lacks one of its targets, or room for its rank;
   * `argument_invalid` for slot 0 or one outside the bank
   */
  write(slot: number, adapter: Adapter): void {
    this.#checkSlot(slot);
    const missing = [...adapter.weights.keys()].filter((name) => !this.#targets.has(name));
    refuseMisfits(adapter, [
      ...missing.map((name) => `the bank has no target ${name}`),
      ...[...this.#targets.values()].flatMap((bank) => targetMisfits(adapter, bank.target, this)),
    ]);
    this.#written(slot);
    for (const bank of this.#targets.values()) {
      writeIdentity(bank, slot);
      const weights = adapter.weights.get(bank.target.name);
      if (weights === undefined) continue;
      if (adapter.manifest.kind === 'flora') writeFlora(bank, slot, weights);
      else writeLora(bank, slot, { ...weights, scale: loraScale(adapter.manifest, weights.rank) });
    }
  }

  /** Makes the slot the identity. @throws FloraAsrError `argument_invalid` for slot 0 or one outside the bank */
  clear(slot: number): void {
    this.#checkSlot(slot);
    this.#written(slot);
    for (const bank of this.#targets.values()) writeIdentity(bank, slot);
  }

  /** `write`, or `clear` for null. */
  writeOrClear(slot: number, adapter: Adapter | null): void {
    if (adapter === null) this.clear(slot);
    else this.write(slot, adapter);
  }

  /** Changes whenever the slot is written. @throws FloraAsrError `argument_invalid` for a slot outside the bank */
  version(slot: number): number {
    const version = this.#versions[slot];
    if (version !== undefined) return version;
    throw new FloraAsrError('argument_invalid', `Slot ${slot} is out of bounds: this bank has ${this.slots} slots.`);
  }

  /** A target's tensors, live, up to four. @throws FloraAsrError `argument_invalid` */
  tensorsFor(target: string): readonly BankTensor[] {
    const bank = this.#targets.get(target);
    if (bank === undefined) throw new FloraAsrError('argument_invalid', `The bank has no target ${target}.`);
    const { floraRank, loraRank } = bank;
    const { inDim, outDim } = bank.target;
    const names = factorNames(target);
    const flora = [
      { name: names.floraA, shape: [this.slots, floraRank, outDim], values: bank.floraA },
      { name: names.floraB, shape: [this.slots, floraRank, inDim], values: bank.floraB },
    ];
    const lora = [
      { name: names.loraA, shape: [this.slots, inDim, loraRank], values: bank.loraA },
      { name: names.loraB, shape: [this.slots, loraRank, outDim], values: bank.loraB },
    ];
    return [...(floraRank > 0 ? flora : []), ...(loraRank > 0 ? lora : [])];
  }

  #written(slot: number): void {
    this.#versions[slot] = this.version(slot) + 1;
  }

  #checkSlot(slot: number): void {
    if (Number.isInteger(slot) && slot > IDENTITY_SLOT && slot < this.slots) return;
    throw new FloraAsrError(
      'argument_invalid',
      `Adapters lie in slots 1 to ${this.slots - 1} of this bank, not in ${slot}; slot 0 is the base model.`,
    );
  }
}

function allocate(entry: BankTarget, slots: number): TargetBank {
  const { target, floraRank, loraRank } = entry;
  for (const rank of [floraRank, loraRank]) {
    if (!Number.isInteger(rank) || rank < 0) {
      throw new FloraAsrError('argument_invalid', `${target.name}: a bank's rank is a count, not ${rank}.`);
    }
  }
  return {
    ...entry,
    floraA: new Float32Array(slots * floraRank * target.outDim),
    floraB: new Float32Array(slots * floraRank * target.inDim),
    loraA: new Float32Array(slots * target.inDim * loraRank),
    loraB: new Float32Array(slots * loraRank * target.outDim),
  };
}

function writeIdentity(bank: TargetBank, slot: number): void {
  const { inDim, outDim } = bank.target;
  const slotOf = (values: Float32Array, length: number) => values.subarray(slot * length, (slot + 1) * length);
  const floraA = slotOf(bank.floraA, bank.floraRank * outDim).fill(0); // [floraRank, out]
  const floraB = slotOf(bank.floraB, bank.floraRank * inDim).fill(0); // [floraRank, in]
  floraA.fill(1, 0, outDim);
  floraB.fill(1, 0, inDim);
  slotOf(bank.loraA, inDim * bank.loraRank).fill(0);
  slotOf(bank.loraB, bank.loraRank * outDim).fill(0);
}

/** Components beyond the adapter's rank stay as the identity left them: zeros. */
function writeFlora(bank: TargetBank, slot: number, weights: TargetWeights): void {
  bank.floraA.set(weights.a, slot * bank.floraRank * bank.target.outDim);
  bank.floraB.set(weights.b, slot * bank.floraRank * bank.target.inDim);
}

/** The graphs multiply x by A as it lies, so both factors are transposed here, once. */
function writeLora(bank: TargetBank, slot: number, weights: TargetWeights & { readonly scale: number }): void {
  const { loraRank } = bank;
  const { inDim, outDim } = bank.target;
  const { rank, scale } = weights;
  const startA = slot * inDim * loraRank;
  const startB = slot * loraRank * outDim;
  for (let component = 0; component < rank; component += 1) {
    for (let i = 0; i < inDim; i += 1) {
      bank.loraA[startA + i * loraRank + component] = weights.a[component * inDim + i] as number;
    }
    for (let o = 0; o < outDim; o += 1) {
      bank.loraB[startB + component * outDim + o] = scale * (weights.b[o * rank + component] as number);
    }
  }
}
