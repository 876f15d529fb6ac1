import type { Adapter } from '../../adapters/adapter.ts';
import { type AdaptableModel, checkFit, type RankCapacity } from '../../adapters/check-fit.ts';
import type { AdapterId } from '../../adapters/manifest.ts';
import { AdapterRegistry, type RouteRequest } from '../../adapters/registry.ts';
import { AdapterSlots, type OccupiedSlot } from '../../adapters/slots.ts';

export interface ResidentAdaptersOptions {
  readonly base: AdaptableModel;
  readonly capacity: RankCapacity;
  /** of the bank, slot 0 included */
  readonly slots: number;
  /** language tag, or `*`, to the adapter its rows get where several could serve it */
  readonly languageDefaults: Readonly<Record<string, string>>;
}

/** The adapters that rows can have: which one serves whom, whether it fits, and in which slot it lies. */
export class ResidentAdapters {
  readonly #base: AdaptableModel;
  readonly #capacity: RankCapacity;
  readonly #registry: AdapterRegistry;
  readonly #slots: AdapterSlots<Adapter>;

  constructor({ base, capacity, slots, languageDefaults }: ResidentAdaptersOptions) {
    this.#base = base;
    this.#capacity = capacity;
    this.#registry = new AdapterRegistry(languageDefaults);
    this.#slots = new AdapterSlots(slots);
  }

  list(): readonly Adapter[] {
    return this.#registry.list();
  }

  /** Every slot that holds an adapter, those that only wait for their last row included. */
  occupied(): readonly OccupiedSlot<Adapter>[] {
    return this.#slots.occupied();
  }

  /**
   * @returns the adapter's slot, to be written before the next row is admitted
   * @throws FloraAsrError `adapter_incompatible`, `adapter_exists`, `adapter_ambiguous`, `adapter_bank_full`
   */
  add(adapter: Adapter): number {
    checkFit(adapter, this.#base, this.#capacity);
    this.#registry.add(adapter);
    try {
      return this.#slots.load(adapter);
    } catch (error) {
      this.#registry.remove(adapter.id);
      throw error;
    }
  }

  /** No new row gets the adapter; rows in flight keep it. @throws FloraAsrError `adapter_not_found` */
  remove(id: AdapterId): void {
    this.#registry.remove(id);
    this.#slots.unload(id);
  }

  /** @returns null for the base model @throws FloraAsrError `adapter_not_found`, `language_unknown`, `argument_invalid` */
  route(request: RouteRequest): Adapter | null {
    return this.#registry.route(request);
  }

  /** Pins an adapter's slot for a row, until `release`. */
  acquire(adapter: Adapter | null): number {
    return this.#slots.acquire(adapter?.id ?? null);
  }

  release(slot: number): void {
    this.#slots.release(slot);
  }
}
