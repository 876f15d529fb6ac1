import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { type DrivenRow, driveModel, randomMel } from '../../support/drive-model.ts';
import { relativeError } from '../../support/tiny-weights.ts';
import { openTinyModel, TINY, type TinyModel, tinyAdapter, tinyTensors } from '../../support/tiny-whisper.ts';

const tensors = tinyTensors();
const adapters = [
  tinyAdapter({ name: 'near', seed: 2, scale: 0.02 }),
  tinyAdapter({ name: 'far', seed: 3, scale: 0.4 }),
  tinyAdapter({ name: 'additive', seed: 4, kind: 'lora', rank: 2, scale: 0.2 }),
  // factors of 20 and more: every activation behind it is loud
  tinyAdapter({ name: 'loud', seed: 5, scale: 20 }),
];
const LOUD = 4;

/** Rows of all adapters and many lengths, which join at different steps and so stand at different positions. */
function mixedRows(): readonly DrivenRow[] {
  const random = seededRandom(17);
  const row = (adapterSlot: number, context: number, joins: number, { tokens = 20, loudness = 1 } = {}): DrivenRow => ({
    mel: randomMel(random, { mels: TINY.mels, context, loudness }),
    adapterSlot,
    tokens: Array.from({ length: tokens }, () => Math.floor(random() * TINY.vocab)),
    joins,
  });
  return [
    row(0, 30, 0, { tokens: 70 }),
    row(1, 1, 0),
    row(2, 17, 0),
    row(3, 64, 3),
    row(LOUD, 23, 0, { tokens: 40, loudness: 20 }),
    row(1, 17, 33),
    row(0, 5, 1, { loudness: 0 }),
    row(2, 29, 50, { tokens: 3 }),
  ];
}

for (const precision of ['fp32', 'int8'] as const) {
  describe(`a mixed batch in ${precision}`, () => {
    let tiny: TinyModel;
    beforeAll(async () => {
      tiny = await openTinyModel({ precision, adapters, tensors });
    });
    afterAll(async () => tiny.close());

    it('gives every row bitwise what it gives alone: any adapters, lengths, positions, and a loud row among them', async () => {
      const rows = mixedRows();
      const together = await driveModel(tiny, { config: TINY, rows });
      for (const [index, row] of rows.entries()) {
        const [alone] = await driveModel(tiny, { config: TINY, rows: [{ ...row, joins: 0 }] });
        expect(together[index], `row ${index}`).toEqual(alone);
      }
    });

    it('gives a row that is fed several tokens at once bitwise the same beside any others, whatever they are fed', async () => {
      const opens = [9, 4, 4, 12, 3, 4, 1, 2];
      const rows = mixedRows().map((row, index) => ({ ...row, opens: opens[index] ?? 1 }));
      const together = await driveModel(tiny, { config: TINY, rows });
      for (const [index, row] of rows.entries()) {
        const [alone] = await driveModel(tiny, { config: TINY, rows: [{ ...row, joins: 0 }] });
        expect(together[index], `row ${index}`).toEqual(alone);
      }
    });

    it('gives a row that is fed several tokens at once what it gives one by one, but for rounding', async () => {
      const rows = mixedRows();
      const oneByOne = await driveModel(tiny, { config: TINY, rows });
      const atOnce = await driveModel(tiny, { config: TINY, rows: rows.map((row) => ({ ...row, opens: 3 })) });
      // in int8 a value that rounding moves over the middle between two steps moves a whole step
      const tolerance = precision === 'fp32' ? 1e-4 : 2e-2;
      for (const [index, trace] of atOnce.entries()) {
        const other = oneByOne[index];
        expect(relativeError(trace.nextLogProbs, other?.nextLogProbs ?? []), `row ${index}`).toBeLessThan(tolerance);
        expect(
          relativeError(
            trace.queries.flatMap((query) => [...query]),
            (other?.queries ?? []).flatMap((query) => [...query]),
          ),
        ).toBeLessThan(tolerance);
      }
    });

    it('gives a row the same wherever it sits, with empty places before it', async () => {
      const [row] = mixedRows().slice(2);
      if (row === undefined) throw new Error('there are rows');
      const [first] = await driveModel(tiny, { config: TINY, rows: [row] });
      const [sixth] = await driveModel(tiny, { config: TINY, rows: [row], places: [5] });
      expect(sixth).toEqual(first);
    });

    it('gives adapters of their own results', async () => {
      const [row] = mixedRows();
      const rows = [0, 1, 2, 3, LOUD].map((adapterSlot) => ({ ...(row as DrivenRow), adapterSlot }));
      const traces = await driveModel(tiny, { config: TINY, rows });
      const different = new Set(traces.map((trace) => trace.nextLogProbs[0]));
      expect(different.size).toBe(rows.length);
    });
  });
}

describe('slot 0', () => {
  it('is the base model: what a graph without a bank says, to 1e-4 in fp32', async () => {
    const [withBank, without] = [
      await openTinyModel({ precision: 'fp32', adapters, tensors }),
      await openTinyModel({ precision: 'fp32', adapters: [], tensors }),
    ];
    try {
      const rows = mixedRows().map((row) => ({ ...row, adapterSlot: 0 }));
      const traces = await driveModel(withBank, { config: TINY, rows });
      const base = await driveModel(without, { config: TINY, rows });
      for (const [index, trace] of traces.entries()) {
        expect(trace.nextTokens).toEqual(base[index]?.nextTokens);
        for (const [position, logProb] of trace.nextLogProbs.entries()) {
          expect(Math.abs(logProb - (base[index]?.nextLogProbs[position] ?? Number.NaN))).toBeLessThan(1e-4);
        }
      }
    } finally {
      await withBank.close();
      await without.close();
    }
  });
});

describe('a row whose numbers overflow', () => {
  it('leaves nothing behind for the next row in its place', async () => {
    const tiny = await openTinyModel({
      precision: 'fp32',
      adapters: [tinyAdapter({ name: 'broken', seed: 6, scale: 1e30 })],
      tensors,
    });
    try {
      const random = seededRandom(1);
      const tokens = [41, 42, 51, 54, 3, 9];
      const short: DrivenRow = { mel: randomMel(random, { mels: TINY.mels, context: 10 }), adapterSlot: 0, tokens, joins: 0 };
      const broken: DrivenRow = { mel: randomMel(random, { mels: TINY.mels, context: 40 }), adapterSlot: 1, tokens, joins: 0 };
      const [alone] = await driveModel(tiny, { config: TINY, rows: [short] });
      const [, after] = await driveModel(tiny, { config: TINY, rows: [broken, { ...short, joins: 7 }], places: [0, 0] });
      expect(after).toEqual(alone);
    } finally {
      await tiny.close();
    }
  });
});
