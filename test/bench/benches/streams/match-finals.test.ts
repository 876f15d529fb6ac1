import { describe, expect, it } from 'vitest';
import { matchFinals, type SpokenRecording } from '../../../../bench/benches/streams/match-finals.ts';

function spoken(id: string, ...ranges: readonly (readonly [number, number])[]): SpokenRecording {
  const speech = ranges.map(([startMs, endMs]) => ({ startMs, endMs }));
  return { id, sure: speech, speech };
}

function final(sequence: number, startMs: number, endMs: number) {
  return { sequence, startMs, endMs };
}

const RECORDINGS = [spoken('a', [1_000, 2_000]), spoken('b', [4_000, 4_400], [5_200, 6_000]), spoken('c', [9_000, 9_500])];

const FINALS = [final(0, 700, 2_300), final(1, 3_700, 4_700), final(2, 4_900, 6_300), final(3, 8_700, 9_800)] as const;
const [A, B1, B2, C] = FINALS;

function counts(finals: readonly ReturnType<typeof final>[]) {
  const { lost, duplicated, outOfOrder } = matchFinals(RECORDINGS, finals);
  return { lost, duplicated: duplicated.length, outOfOrder: outOfOrder.length };
}

describe('finals that belong to recordings', () => {
  it('are matched, with where their speech ends', () => {
    expect(counts(FINALS)).toEqual({ lost: [], duplicated: 0, outOfOrder: 0 });
    expect(matchFinals(RECORDINGS, FINALS).matched).toEqual([
      { final: A, speechEndMs: 2_000 },
      { final: B1, speechEndMs: 4_400 },
      { final: B2, speechEndMs: 6_000 },
      { final: C, speechEndMs: 9_500 },
    ]);
  });

  it('may cover several recordings, and end within one', () => {
    const { matched, lost } = matchFinals(RECORDINGS, [final(0, 700, 4_300), final(1, 4_300, 10_000)]);
    expect(lost).toEqual([]);
    expect(matched.map(({ speechEndMs }) => speechEndMs)).toEqual([4_300, 9_500]);
  });

  it('may be of audio in which nobody speaks', () => {
    expect(matchFinals(RECORDINGS, [final(0, 100, 600)]).matched).toEqual([{ final: final(0, 100, 600), speechEndMs: null }]);
  });
});

describe('a recording is lost', () => {
  it('when no final overlaps it, though the numbers have no gap', () => {
    const renumbered = { ...C, sequence: 2 };
    expect(counts([A, B1, B2])).toMatchObject({ lost: ['c'] });
    expect(counts([B1, B2, renumbered].map((one, sequence) => ({ ...one, sequence })))).toEqual({
      lost: ['a'],
      duplicated: 0,
      outOfOrder: 0,
    });
  });

  it('when a part of it has no final', () => {
    expect(counts([A, B1, { ...C, sequence: 2 }])).toMatchObject({ lost: ['b'] });
  });

  it('unless that part may be missed', () => {
    const [first, second] = [
      { startMs: 0, endMs: 500 },
      { startMs: 4_000, endMs: 4_030 },
    ];
    const doubtful = { id: 'd', sure: [first], speech: [first, second] };
    expect(matchFinals([doubtful], [final(0, 0, 600)]).lost).toEqual([]);
  });

  it('when there are no finals at all', () => {
    expect(matchFinals(RECORDINGS, []).lost).toEqual(['a', 'b', 'c']);
  });
});

describe('a final is a duplicate', () => {
  it('when its number came before', () => {
    expect(counts([A, B1, B1, B2, C])).toEqual({ lost: [], duplicated: 1, outOfOrder: 0 });
  });

  it('when its audio had a final before, under another number', () => {
    const again = { ...B1, sequence: 2 };
    const rest = [
      { ...B2, sequence: 3 },
      { ...C, sequence: 4 },
    ];
    expect(counts([A, B1, again, ...rest])).toMatchObject({ lost: [], duplicated: 1 });
  });

  it('and not when two only touch, by what times are rounded to', () => {
    expect(counts([final(0, 700, 4_300), final(1, 4_299.5, 9_800)])).toMatchObject({ duplicated: 0 });
  });
});

describe('a final is out of order', () => {
  it('when a number is missing before it', () => {
    expect(counts([A, B1, C])).toMatchObject({ outOfOrder: 1, duplicated: 0 });
  });

  it('when two have changed places', () => {
    const { outOfOrder, lost } = matchFinals(RECORDINGS, [A, B2, B1, C]);
    expect(outOfOrder).toEqual([B2, B1]);
    expect(lost).toEqual([]);
  });

  it('when its times go back, though the numbers do not', () => {
    const swapped = [A, { ...B2, sequence: 1 }, { ...B1, sequence: 2 }, C];
    expect(counts(swapped)).toEqual({ lost: [], duplicated: 0, outOfOrder: 1 });
  });
});
