import { describe, expect, it } from 'vitest';
import { batchFeeds, type LearnerRow } from '../../../asr/training/training-batch.ts';
import { NO_TARGET, type TrainingRow } from '../../../asr/training/training-row.ts';
import { rowOf, SMALL } from './small-training.ts';

/** A fitting row, changed. */
function changed(changes: Partial<TrainingRow>): LearnerRow {
  const { learner, row } = rowOf(0, 1, { context: 6, text: 2 });
  return { learner, row: { ...row, ...changes } };
}

function dataOf(rows: readonly LearnerRow[], name: string): readonly number[] {
  return Array.from(batchFeeds(SMALL, rows).feeds[name]?.data as ArrayLike<number>);
}

describe('A training batch', () => {
  const rows = [
    rowOf(0, 1, { context: 6, text: 2 }),
    rowOf(1, 2, { context: 9, text: 1 }),
    rowOf(0, 3, { context: 4, text: 1 }),
  ];

  it('has a target for each word and each end, and those of a learner weigh 1 together', () => {
    const { targets } = batchFeeds(SMALL, rows);
    expect(targets.map(({ batchIndex, position }) => [batchIndex, position])).toEqual([
      [0, 3],
      [0, 4],
      [0, 5],
      [1, 3],
      [1, 4],
      [2, 3],
      [2, 4],
    ]);
    for (const { batchIndex, position, token } of targets) expect(token).toBe(rows[batchIndex]?.row.targetTokens[position]);
    const weights = dataOf(rows, 'target_weights');
    expect(weights).toEqual([1 / 5, 1 / 5, 1 / 5, 1 / 2, 1 / 2, 1 / 5, 1 / 5].map(Math.fround));
  });

  it('leads from targets to places and back', () => {
    const places = dataOf(rows, 'target_places');
    const [back, mask] = [dataOf(rows, 'place_targets'), dataOf(rows, 'place_mask')];
    for (const [target, place] of places.entries()) expect([back[place], mask[place]]).toEqual([target, 1]);
    expect(mask.filter((value) => value === 1)).toHaveLength(places.length);
  });

  it('lets a row hear its own positions, and say nothing of what comes after', () => {
    const { contexts, paddedContext } = batchFeeds(SMALL, rows);
    expect([contexts, paddedContext]).toEqual([[6, 9, 4], 9]);
    const keyMask = dataOf(rows, 'key_mask');
    const seen = contexts.map((_, row) => keyMask.slice(row * 9, (row + 1) * 9).filter((score) => score === 0).length);
    expect(seen).toEqual([6, 9, 4]);
    const causal = dataOf(rows, 'causal_mask');
    expect(Array.from({ length: 6 }, (_, place) => causal.slice(place * 6, (place + 1) * 6).lastIndexOf(0))).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });

  const { row } = rowOf(0, 1, { context: 6, text: 2 });
  const long = Array.from({ length: SMALL.maxTokens + 1 }, () => 1);
  const refusals: readonly { readonly what: string; readonly changes: Partial<TrainingRow>; readonly message: string }[] = [
    {
      what: 'without anything to learn',
      changes: { targetTokens: row.targetTokens.map(() => NO_TARGET) },
      message: 'Row 1 of a training batch has nothing to learn.',
    },
    {
      what: 'with more tokens than the decoder has room for',
      changes: { inputTokens: long, targetTokens: long },
      message: `Row 1 of a training batch has ${long.length} tokens, at most ${SMALL.maxTokens} fit.`,
    },
    {
      what: 'whose targets are not as many as its tokens',
      changes: { targetTokens: row.targetTokens.slice(1) },
      message: 'Row 1 of a training batch is fed 6 tokens and has 5 targets.',
    },
    {
      what: 'whose frames are not those of its positions',
      changes: { context: 7 },
      message: 'Row 1 of a training batch has 12 frames for 7 encoder positions.',
    },
  ];
  for (const { what, changes, message } of refusals) {
    it(`is refused with a row ${what}`, () => {
      const build = () => batchFeeds(SMALL, [changed({}), changed(changes)]);
      expect(build).toThrowError(expect.objectContaining({ code: 'argument_invalid', message }));
    });
  }

  it('is refused with a row whose features are not of the model’s mels', () => {
    const mel = { ...row.mel, values: row.mel.values.slice(row.mel.frames) };
    expect(() => batchFeeds(SMALL, [changed({ mel })])).toThrowError(expect.objectContaining({ code: 'shape_mismatch' }));
  });
});
