import { setImmediate as otherWork } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RowGate, type RowUrgency } from '../../../asr/engine/row-gate.ts';

/** Rows that are in the engine until the test lets them out, in the order in which they got there. */
function passages(gate: RowGate) {
  const inside: string[] = [];
  const exits = new Map<string, () => void>();
  const row = (name: string) => async () =>
    new Promise<string>((resolve) => {
      inside.push(name);
      exits.set(name, () => resolve(name));
    });
  return {
    inside,
    enter: async (name: string, urgency: RowUrgency, signal?: AbortSignal) => gate.pass(row(name), { urgency, signal }),
    letOut: async (name: string) => {
      exits.get(name)?.();
      for (let turn = 0; turn < 3; turn += 1) await otherWork();
    },
  };
}

describe('RowGate', () => {
  it('lets live rows in before those of files, and these before partials, whoever came first', async () => {
    const gate = new RowGate(1);
    const { inside, enter, letOut } = passages(gate);
    const all = [
      enter('first', 'file'),
      enter('partial', 'partial'),
      enter('file', 'file'),
      enter('live', 'live'),
      enter('live too', 'live'),
    ];
    await otherWork();
    expect(gate.waiting).toBe(3);
    for (const name of ['first', 'live', 'live too', 'file', 'partial']) await letOut(name);
    expect(inside).toEqual(['first', 'live', 'live too', 'file', 'partial']);
    await Promise.all(all);
  });

  it('lets partials of utterances that show nothing yet in before others, the last one first', async () => {
    const { inside, enter, letOut } = passages(new RowGate(100));
    const all = [
      enter('shown', 'partial'),
      enter('shown, too', 'partial'),
      enter('nothing yet', 'firstPartial'),
      enter('nor here', 'firstPartial'),
    ];
    const order = ['shown', 'nor here', 'nothing yet', 'shown, too'];
    for (const name of order) {
      await otherWork();
      await letOut(name);
    }
    expect(inside).toEqual(order);
    await Promise.all(all);
  });

  it('has a few partials in the engine at once; of the others the one that has waited longest is next', async () => {
    const { inside, enter, letOut } = passages(new RowGate(100, 2));
    const names = ['a', 'b', 'c', 'd'];
    const all = names.map((name) => enter(name, 'partial'));
    await otherWork();
    expect(inside).toEqual(['a', 'b']);
    const live = enter('live', 'live');
    await otherWork();
    expect(inside).toEqual(['a', 'b', 'live']);
    await letOut('b');
    const again = enter('b again', 'partial');
    await letOut('a');
    expect(inside).toEqual(['a', 'b', 'live', 'c', 'd']);
    for (const name of ['c', 'd', 'b again', 'live']) await letOut(name);
    await Promise.all([...all, live, again]);
  });

  it('gives up the place of a partial that is cancelled, wherever it is', async () => {
    const { inside, enter, letOut } = passages(new RowGate(1, 1));
    const cancelling = new AbortController();
    const live = enter('live', 'live');
    const refused = expect(enter('cancelled', 'partial', cancelling.signal)).rejects.toMatchObject({ code: 'cancelled' });
    const behind = enter('behind', 'partial');
    await otherWork();
    cancelling.abort();
    await refused;
    await letOut('live');
    expect(inside).toEqual(['live', 'behind']);
    await letOut('behind');
    await Promise.all([live, behind]);
  });
});
