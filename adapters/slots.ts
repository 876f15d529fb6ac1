import { FloraAsrError } from '../kernels/errors.ts';
import { IDENTITY_SLOT } from './bank.ts';
import type { AdapterId } from './manifest.ts';

/** A slot that holds an adapter. */
export interface OccupiedSlot<Content> {
  readonly slot: number;
  readonly adapter: Content;
  /** rows in flight that are computed with it */
  readonly rows: number;
  /** whether new rows may take it; once unloaded, it only waits for its last row */
  readonly resident: boolean;
}

interface SlotState<Content> {
  readonly adapter: Content;
  rows: number;
  resident: boolean;
}

/**
 * Which adapter lies in which slot of the bank, and how many rows hold it there. State only: the caller
 * writes the bank as it is told.
 *
 * Invariants: a slot with rows keeps its adapter until the last of them leaves, whatever is loaded,
 * replaced or unloaded meanwhile. An adapter id is resident in at most one slot; a version that is
 * loaded again while its former slot drains gets another slot. Slot 0 is the base model: always there,
 * never counted full.
 */
export class AdapterSlots<Content extends { readonly id: AdapterId }> {
  /** slots of the bank, slot 0 included */
  readonly capacity: number;
  /** by slot; null where it is free, and at slot 0 */
  readonly #slots: (SlotState<Content> | null)[];
  readonly #residents = new Map<AdapterId, number>();
  #baseRows = 0;

  /** @throws FloraAsrError `argument_invalid` */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new FloraAsrError('argument_invalid', `A bank has at least its identity slot, not ${capacity} slots.`);
    }
    this.capacity = capacity;
    this.#slots = Array.from({ length: capacity }, () => null);
  }

  /**
   * Takes a free slot for an adapter, for the caller to write before the next row is admitted.
   * @throws FloraAsrError `adapter_exists` if this version is resident, `adapter_bank_full`
   */
  load(adapter: Content): number {
    this.#refuseResident(adapter.id);
    return this.#occupy(this.#freeSlot(adapter.id), adapter);
  }

  /**
   * Puts a new adapter in the place of a resident one: rows in flight keep the old one, rows admitted
   * from now on find the new one. In a full bank the old one's slot serves again if no row holds it;
   * otherwise nothing changes.
   * @returns the new adapter's slot, to be written, and the old one's
   * @throws FloraAsrError `adapter_not_found`, `adapter_exists`, `adapter_bank_full`
   */
  replace(old: AdapterId, adapter: Content): { readonly slot: number; readonly old: Departure } {
    const oldSlot = this.#residentSlot(old);
    if (adapter.id !== old) this.#refuseResident(adapter.id);
    const reusable = this.#occupied(oldSlot).rows === 0 && this.#slots.indexOf(null, 1) === -1;
    const slot = reusable ? oldSlot : this.#freeSlot(adapter.id);
    const departure = this.unload(old);
    return { slot: this.#occupy(slot, adapter), old: departure };
  }

  /**
   * No new row gets the adapter; its slot is free at once, or when its last row leaves.
   * @throws FloraAsrError `adapter_not_found`
   */
  unload(id: AdapterId): Departure {
    const slot = this.#residentSlot(id);
    this.#residents.delete(id);
    this.#occupied(slot).resident = false;
    return { slot, freed: this.#freeIfDrained(slot) };
  }

  /**
   * Pins an adapter's slot for a row that is admitted; null pins the base model's.
   * @returns the slot, to be given back by `release`
   * @throws FloraAsrError `adapter_not_found`
   */
  acquire(id: AdapterId | null): number {
    if (id === null) {
      this.#baseRows += 1;
      return IDENTITY_SLOT;
    }
    const slot = this.#residentSlot(id);
    this.#occupied(slot).rows += 1;
    return slot;
  }

  /**
   * A row leaves, however it ended.
   * @returns whether the slot became free by it
   * @throws FloraAsrError `argument_invalid` if no row holds the slot
   */
  release(slot: number): boolean {
    const held = this.rowsIn(slot);
    if (held === 0) throw new FloraAsrError('argument_invalid', `No row holds adapter slot ${slot}.`);
    if (slot === IDENTITY_SLOT) {
      this.#baseRows -= 1;
      return false;
    }
    this.#occupied(slot).rows -= 1;
    return this.#freeIfDrained(slot);
  }

  /** Rows in flight that hold the slot. */
  rowsIn(slot: number): number {
    if (slot === IDENTITY_SLOT) return this.#baseRows;
    return this.#slots[slot]?.rows ?? 0;
  }

  /** The slot in which new rows find the adapter; null if it is not resident. */
  slotOf(id: AdapterId): number | null {
    return this.#residents.get(id) ?? null;
  }

  /** Every slot that holds an adapter, draining ones included: what a bank must hold to be rebuilt. */
  occupied(): readonly OccupiedSlot<Content>[] {
    return this.#slots.flatMap((state, slot) => (state === null ? [] : [{ slot, ...state }]));
  }

  get freeSlots(): number {
    return this.#slots.reduce((free, state, slot) => free + (slot !== IDENTITY_SLOT && state === null ? 1 : 0), 0);
  }

  #occupy(slot: number, adapter: Content): number {
    this.#slots[slot] = { adapter, rows: 0, resident: true };
    this.#residents.set(adapter.id, slot);
    return slot;
  }

  #freeSlot(id: AdapterId): number {
    const slot = this.#slots.indexOf(null, IDENTITY_SLOT + 1);
    if (slot !== -1) return slot;
    const draining = this.occupied().filter((entry) => !entry.resident).length;
    throw new FloraAsrError(
      'adapter_bank_full',
      `No slot is free for adapter ${id}: the bank holds ${this.capacity - 1} adapters` +
        `${draining === 0 ? '' : `, ${draining} of them unloaded but still used by rows in flight`}. ` +
        'Unload one, or start with more slots.',
    );
  }

  #freeIfDrained(slot: number): boolean {
    const { rows, resident } = this.#occupied(slot);
    if (rows > 0 || resident) return false;
    this.#slots[slot] = null;
    return true;
  }

  #residentSlot(id: AdapterId): number {
    const slot = this.#residents.get(id);
    if (slot === undefined) throw new FloraAsrError('adapter_not_found', `Adapter ${id} is not in the bank.`);
    return slot;
  }

  #refuseResident(id: AdapterId): void {
    if (!this.#residents.has(id)) return;
    throw new FloraAsrError('adapter_exists', `Adapter ${id} is in the bank already; a changed one needs a new version.`);
  }

  #occupied(slot: number): SlotState<Content> {
    const state = this.#slots[slot];
    // unreachable: #residents and rowsIn only lead to occupied slots
    if (state === null || state === undefined) throw new FloraAsrError('argument_invalid', `Adapter slot ${slot} is free.`);
    return state;
  }
}

/** What became of an unloaded adapter's slot. */
export interface Departure {
  readonly slot: number;
  /** false: rows in flight still hold it */
  readonly freed: boolean;
}
