import { describe, expect, it } from 'vitest';
import { AdapterBank } from '../../adapters/bank.ts';
import { RowFactors } from '../../adapters/row-factors.ts';
import { floats } from '../../kernels/session.ts';
import { codeOf, FC1, Q_PROJ, sampleAdapter } from './sample-adapters.ts';

const TARGETS = [FC1, Q_PROJ];
const SLOTS = 4;

function bankWithTwo(): AdapterBank {
  const bank = new AdapterBank({
    slots: SLOTS,
    targets: [
      { target: FC1, floraRank: 2, loraRank: 1 },
      { target: Q_PROJ, floraRank: 1, loraRank: 0 },
    ],
  });
  bank.write(1, sampleAdapter({ seed: 1 }));
  bank.write(2, sampleAdapter({ seed: 2 }));
  return bank;
}

/** What the bank has for these slots, tensor by tensor. */
function expected(bank: AdapterBank, slots: readonly number[]) {
  const tensors = TARGETS.flatMap(({ name }) => bank.tensorsFor(name));
  return Object.fromEntries(
    tensors.map(({ name, shape: [, ...shape], values }) => {
      const size = values.length / SLOTS;
      const rows = slots.flatMap((slot) => [...values.subarray(slot * size, (slot + 1) * size)]);
      return [name, { shape: [slots.length, ...shape], rows }];
    }),
  );
}

function gathered(factors: RowFactors, slots: readonly number[]) {
  const feeds = Object.entries(factors.feeds(slots));
  return Object.fromEntries(feeds.map(([name, fed]) => [name, { shape: [...fed.dims], rows: [...floats(fed)] }]));
}

describe('RowFactors', () => {
  it('has for each row what its slot has, under the names of the graphs', () => {
    const bank = bankWithTwo();
    const fed = gathered(new RowFactors(bank, TARGETS), [2, 0, 1, 2]);
    expect(fed).toEqual(expected(bank, [2, 0, 1, 2]));
    expect(Object.keys(fed)).toHaveLength(6);
  });

  it('follows rows that come, go and change places', () => {
    const bank = bankWithTwo();
    const factors = new RowFactors(bank, TARGETS);
    for (const slots of [[1], [1, 2], [2, 2, 0, 1, 1], [2, 1], [0], [2, 2, 0, 1, 1], []]) {
      expect(gathered(factors, slots)).toEqual(expected(bank, slots));
    }
  });

  it('notices a slot that was written or cleared since', () => {
    const bank = bankWithTwo();
    const factors = new RowFactors(bank, TARGETS);
    const before = gathered(factors, [1, 2]);
    bank.write(1, sampleAdapter({ seed: 3 }));
    bank.clear(2);
    expect(gathered(factors, [1, 2])).toEqual(expected(bank, [1, 2]));
    expect(gathered(factors, [1, 2])).not.toEqual(before);
  });

  it('refuses a slot outside the bank', () => {
    const factors = new RowFactors(bankWithTwo(), TARGETS);
    expect(codeOf(() => factors.feeds([1, SLOTS]))).toBe('argument_invalid');
  });

  it('refuses a target that the bank does not have', () => {
    expect(codeOf(() => new RowFactors(bankWithTwo(), [{ ...FC1, name: 'model.decoder.layers.0.fc2' }]))).toBe(
      'argument_invalid',
    );
  });
});
