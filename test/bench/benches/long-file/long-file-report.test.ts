import { describe, expect, it } from 'vitest';
import { type LongFileOutcome, longFileReport, longFileText } from '../../../../bench/benches/long-file/long-file-report.ts';

const errors = (substitutions: number, referenceLength: number) => ({
  substitutions,
  deletions: 0,
  insertions: 0,
  referenceLength,
});

const GREEK: LongFileOutcome = {
  audioSeconds: 600,
  recordings: 200,
  utterances: 210,
  words: 300,
  edits: errors(33, 300),
  editsAlone: errors(30, 300),
  peerEdits: errors(150, 300),
  onsetErrorsMs: [-60, -80, 20],
  oursSeconds: [10, 20, 12],
  peerSeconds: [20, 30, 30],
};
const SPANISH: LongFileOutcome = {
  ...GREEK,
  words: 100,
  edits: errors(8, 100),
  editsAlone: errors(10, 100),
  peerEdits: errors(20, 100),
  onsetErrorsMs: [-100, 40],
  oursSeconds: [10, 10, 10],
  peerSeconds: [40, 10, 20],
};

describe('the report of long recordings', () => {
  const report = longFileReport(
    new Map([
      ['el', GREEK],
      ['es', SPANISH],
    ]),
  );
  const [greek, spanish] = Object.values(report.languages);

  it('tells what cutting cost each language, and all words together', () => {
    expect(greek).toMatchObject({ wer: 0.11, werAlone: 0.1, peerWer: 0.5 });
    expect(greek?.werGapPoints).toBeCloseTo(1);
    expect(spanish?.werGapPoints).toBeCloseTo(-2);
    expect(report).toMatchObject({ recordings: 400, utterances: 420, words: 400, audioSeconds: 1_200 });
    expect(report.werGapPoints).toBeCloseTo((100 * (41 - 40)) / 400);
    expect(report.peerWer).toBeCloseTo(170 / 400);
  });

  it('takes the median of all first words, early or late', () => {
    expect(greek).toMatchObject({ onsets: 3, onsetErrorMs: 60, onsetBiasMs: -60 });
    expect(report).toMatchObject({ onsets: 5, onsetErrorMs: 60, onsetBiasMs: -60 });
  });

  it('compares times within a round, all languages of it together', () => {
    expect(greek).toMatchObject({ seconds: 12, peerSeconds: 30, speedup: 2 });
    expect(report).toMatchObject({ seconds: 22, peerSeconds: 50 });
    expect(report.speedup).toBeCloseTo(50 / 22);
  });

  it('has a line for each language, and one for all', () => {
    const lines = longFileText(report).split('\n');
    expect(lines.slice(-3).map((line) => line.trim().split(/\s+/)[0])).toEqual(['el', 'es', 'all']);
    expect(lines.at(-1)).toContain('0.3');
  });
});
