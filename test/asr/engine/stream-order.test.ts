import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamOrder } from '../../../asr/engine/stream-order.ts';

describe('StreamOrder', () => {
  it('hands each stream’s results out in the order of its rows, all of them, and none early', () => {
    const rows = fc.array(fc.record({ stream: fc.constantFrom('a', 'b', 'c'), key: fc.nat() }), { maxLength: 40 });
    fc.assert(
      fc.property(rows, (entered) => {
        const order = new StreamOrder<number>();
        const delivered: number[] = [];
        const settled = new Set<number>();
        for (const [id, { stream }] of entered.entries()) order.enter(stream, id);
        const byKey = entered.map((row, id) => ({ ...row, id })).sort((left, right) => left.key - right.key);
        for (const { stream, id } of byKey) {
          settled.add(id);
          order.settle(stream, id, () => delivered.push(id));
          const ready = (name: string) => {
            const ids = entered.flatMap((row, index) => (row.stream === name ? [index] : []));
            const firstOpen = ids.findIndex((index) => !settled.has(index));
            return firstOpen === -1 ? ids : ids.slice(0, firstOpen);
          };
          for (const name of ['a', 'b', 'c']) {
            expect(delivered.filter((index) => entered[index]?.stream === name)).toEqual(ready(name));
          }
        }
        expect(delivered).toHaveLength(entered.length);
      }),
    );
  });

  it('takes a new row of the stream from within a delivery', () => {
    const order = new StreamOrder<number>();
    const delivered: number[] = [];
    order.enter('a', 1);
    order.settle('a', 1, () => {
      delivered.push(1);
      order.enter('a', 2);
    });
    order.settle('a', 2, () => delivered.push(2));
    expect(delivered).toEqual([1, 2]);
  });

  it('refuses to settle a row that never entered, or twice', () => {
    const order = new StreamOrder<number>();
    expect(() => order.settle('a', 1, () => undefined)).toThrow(/Stream a has no row 1/);
    order.enter('a', 1);
    order.settle('a', 1, () => undefined);
    expect(() => order.settle('a', 1, () => undefined)).toThrow(/Stream a has no row 1/);
  });
});
