import { describe, expect, it } from 'vitest';
import type { Utterance } from '../../../bench/corpora/corpus.ts';
import { lossFilter, spokenRateFilter } from '../../../bench/corpora/training-filter.ts';

function utterance(id: string, text = 'Un gat.', durationSeconds = 1): Utterance {
  return { id, audioPath: `${id}.wav`, text, language: 'ca', split: 'train', spoken: true, durationSeconds };
}

const TWENTY = Array.from({ length: 20 }, (_, i) => utterance(`${i}`));
const ids = (utterances: readonly Utterance[]) => utterances.map(({ id }) => id);

describe('the filter by rate', () => {
  it('drops texts that cannot have been said', () => {
    const { kept, dropped } = spokenRateFilter([utterance('short'), utterance('long', 'x'.repeat(26))]);
    expect([ids(kept), ids(dropped)]).toEqual([['short'], ['long']]);
  });
});

describe('the filter by loss', () => {
  it('drops what is far above the median, in the order of the utterances', () => {
    const losses = TWENTY.map((_, i) => (i === 3 || i === 11 ? 9 : 1 + (i % 4) / 10));
    expect(ids(lossFilter(TWENTY, losses).dropped)).toEqual(['3', '11']);
    expect(lossFilter(TWENTY, losses).kept).toHaveLength(18);
  });

  it('drops the worst alone where more than the share are above it', () => {
    const losses = TWENTY.map((_, i) => (i < 5 ? 5 + i : 1 + (i % 4) / 10));
    expect(ids(lossFilter(TWENTY, losses).dropped)).toEqual(['3', '4']);
    expect(ids(lossFilter(TWENTY, losses, { maxShare: 1 }).dropped)).toHaveLength(5);
  });

  it('drops losses that are no numbers before others', () => {
    const losses = TWENTY.map((_, i) => (i === 7 ? Number.NaN : i === 8 ? 50 : 1 + (i % 4) / 10));
    expect(ids(lossFilter(TWENTY, losses, { maxShare: 0.05 }).dropped)).toEqual(['7']);
  });

  it('drops nothing where all are alike, or there are none', () => {
    expect(
      lossFilter(
        TWENTY,
        TWENTY.map(() => 2),
      ).dropped,
    ).toEqual([]);
    expect(lossFilter([], []).kept).toEqual([]);
  });

  it('wants one loss for each utterance', () => {
    expect(() => lossFilter(TWENTY, [1])).toThrow('There are 1 losses for 20 utterances.');
  });
});
