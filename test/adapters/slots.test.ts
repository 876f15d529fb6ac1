import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdapterId, parseAdapterReference } from '../../adapters/manifest.ts';
import { AdapterSlots } from '../../adapters/slots.ts';
import { codeOf } from './sample-adapters.ts';

interface Named {
  readonly id: AdapterId;
  readonly contents: number;
}

const named = (text: string, contents = 0): Named => {
  parseAdapterReference(text);
  return { id: text as AdapterId, contents };
};
const [OLD, NEW, OTHER] = [named('es@1.0.0'), named('es@1.1.0'), named('el@1.0.0')];

describe('AdapterSlots', () => {
  it('finds a loaded adapter in its slot, and the base model in slot 0', () => {
    const slots = new AdapterSlots<Named>(3);
    expect(slots.load(OLD)).toBe(1);
    expect(slots.load(OTHER)).toBe(2);
    expect(slots.acquire(OTHER.id)).toBe(2);
    expect(slots.acquire(null)).toBe(0);
    expect([slots.rowsIn(0), slots.rowsIn(1), slots.rowsIn(2)]).toEqual([1, 0, 1]);
  });

  it('refuses an adapter that is not loaded rather than give the base model', () => {
    const slots = new AdapterSlots<Named>(2);
    expect(codeOf(() => slots.acquire(OLD.id))).toBe('adapter_not_found');
    expect(codeOf(() => slots.unload(OLD.id))).toBe('adapter_not_found');
    expect(codeOf(() => slots.replace(OLD.id, NEW))).toBe('adapter_not_found');
  });

  it('refuses a version that is loaded already, and one more than there are slots', () => {
    const slots = new AdapterSlots<Named>(2);
    slots.load(OLD);
    expect(codeOf(() => slots.load(OLD))).toBe('adapter_exists');
    expect(codeOf(() => slots.load(OTHER))).toBe('adapter_bank_full');
    expect(codeOf(() => new AdapterSlots(1).load(OLD))).toBe('adapter_bank_full');
  });

  it('replaces in another slot, and frees the old one when its last row leaves', () => {
    const slots = new AdapterSlots<Named>(3);
    const oldSlot = slots.load(OLD);
    slots.acquire(OLD.id);
    slots.acquire(OLD.id);
    const { slot, old } = slots.replace(OLD.id, NEW);
    expect(slot).not.toBe(oldSlot);
    expect(old).toEqual({ slot: oldSlot, freed: false });
    expect(slots.acquire(NEW.id)).toBe(slot);
    expect(codeOf(() => slots.acquire(OLD.id))).toBe('adapter_not_found');
    expect(slots.release(oldSlot)).toBe(false);
    expect(slots.occupied()).toContainEqual({ slot: oldSlot, adapter: OLD, rows: 1, resident: false });
    expect(slots.release(oldSlot)).toBe(true);
    expect(slots.freeSlots).toBe(1);
  });

  it('replaces in a full bank if no row holds the old one, and else changes nothing', () => {
    const slots = new AdapterSlots<Named>(2);
    slots.load(OLD);
    slots.acquire(OLD.id);
    expect(codeOf(() => slots.replace(OLD.id, NEW))).toBe('adapter_bank_full');
    expect(slots.slotOf(OLD.id)).toBe(1);
    slots.release(1);
    expect(slots.replace(OLD.id, NEW)).toEqual({ slot: 1, old: { slot: 1, freed: true } });
    expect(slots.slotOf(OLD.id)).toBeNull();
  });

  it('loads a version again beside its former slot, which still drains', () => {
    const slots = new AdapterSlots<Named>(3);
    slots.load(OLD);
    slots.acquire(OLD.id);
    slots.unload(OLD.id);
    expect(slots.load(named(OLD.id, 7))).toBe(2);
    expect(slots.release(1)).toBe(true);
    expect(slots.slotOf(OLD.id)).toBe(2);
  });

  it('says how many slots only wait for rows when the bank is full', () => {
    const slots = new AdapterSlots<Named>(2);
    slots.load(OLD);
    slots.acquire(OLD.id);
    slots.unload(OLD.id);
    expect(() => slots.load(OTHER)).toThrow(/1 of them unloaded but still used/);
  });

  it('refuses to release a slot that no row holds', () => {
    const slots = new AdapterSlots<Named>(2);
    slots.load(OLD);
    for (const slot of [0, 1, 2, -1]) expect(codeOf(() => slots.release(slot))).toBe('argument_invalid');
  });

  it('refuses a bank without slots', () => {
    expect(codeOf(() => new AdapterSlots(0))).toBe('argument_invalid');
  });
});

type Action =
  | { readonly kind: 'load' | 'unload' | 'acquire'; readonly id: number }
  | { readonly kind: 'replace'; readonly id: number; readonly next: number }
  | { readonly kind: 'release'; readonly row: number }
  | { readonly kind: 'acquireBase' };

const anyId = fc.nat({ max: 4 });
const actions = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('load' as const, 'unload' as const, 'acquire' as const), id: anyId }),
    fc.record({ kind: fc.constant('replace' as const), id: anyId, next: anyId }),
    fc.record({ kind: fc.constant('release' as const), row: fc.nat() }),
    fc.constant({ kind: 'acquireBase' as const }),
  ) satisfies fc.Arbitrary<Action>,
  { maxLength: 60 },
);

/** Does one action; returns the slots that the caller would write, and keeps `rows`, each with what it was admitted with. */
function act(
  slots: AdapterSlots<Named>,
  rows: { slot: number; adapter: Named | null }[],
  action: Action,
  serial: number,
): number | null {
  const id = (index: number) => named(`a${index}@1.0.0`, serial);
  switch (action.kind) {
    case 'load':
      return slots.load(id(action.id));
    case 'replace':
      return slots.replace(id(action.id).id, id(action.next)).slot;
    case 'unload':
      slots.unload(id(action.id).id);
      return null;
    case 'acquire': {
      const slot = slots.acquire(id(action.id).id);
      rows.push({ slot, adapter: slots.occupied().find((entry) => entry.slot === slot)?.adapter ?? null });
      return null;
    }
    case 'acquireBase':
      rows.push({ slot: slots.acquire(null), adapter: null });
      return null;
    case 'release': {
      const [row] = rows.splice(action.row % Math.max(rows.length, 1), 1);
      if (row !== undefined) slots.release(row.slot);
      return null;
    }
  }
}

describe('AdapterSlots, whatever is loaded, replaced, unloaded and released', () => {
  const run = (
    check: (state: {
      slots: AdapterSlots<Named>;
      rows: readonly { slot: number; adapter: Named | null }[];
      written: number | null;
    }) => void,
  ) =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), actions, (capacity, list) => {
        const slots = new AdapterSlots<Named>(capacity);
        const rows: { slot: number; adapter: Named | null }[] = [];
        for (const [serial, action] of list.entries()) {
          const before = JSON.stringify(slots.occupied());
          const pinned = new Set(rows.map((row) => row.slot));
          let written: number | null = null;
          try {
            written = act(slots, rows, action, serial);
          } catch (error) {
            expect(['adapter_exists', 'adapter_not_found', 'adapter_bank_full']).toContain((error as { code: string }).code);
            expect(JSON.stringify(slots.occupied())).toBe(before); // a refusal changes nothing
          }
          if (written !== null) expect(pinned.has(written)).toBe(false);
          check({ slots, rows, written });
        }
      }),
    );

  it('never writes a pinned slot: each row keeps the adapter it was admitted with', () => {
    run(({ slots, rows }) => {
      const held = new Map(slots.occupied().map(({ slot, adapter }) => [slot, adapter]));
      for (const row of rows) expect(held.get(row.slot) ?? null).toBe(row.adapter);
    });
  });

  it('counts the rows of each slot exactly', () => {
    run(({ slots, rows }) => {
      for (let slot = 0; slot < slots.capacity; slot += 1) {
        expect(slots.rowsIn(slot)).toBe(rows.filter((row) => row.slot === slot).length);
      }
    });
  });

  it('keeps a slot as long as it is resident or held, and no longer; slot 0 is never given away', () => {
    run(({ slots, written }) => {
      const occupied = slots.occupied();
      for (const { rows, resident, adapter, slot } of occupied) {
        expect(resident || rows > 0).toBe(true);
        if (resident) expect(slots.slotOf(adapter.id)).toBe(slot);
        expect(slot).toBeGreaterThan(0);
      }
      const residentIds = occupied.filter((entry) => entry.resident).map((entry) => entry.adapter.id);
      expect(new Set(residentIds).size).toBe(residentIds.length);
      expect(slots.freeSlots).toBe(slots.capacity - 1 - occupied.length);
      expect(written).not.toBe(0);
    });
  });
});
