import { describe, expect, it } from 'vitest';
import { type FinishedCell, studyReport } from '../../../../bench/benches/adapter-kinds/study-report.ts';
import { studyText } from '../../../../bench/benches/adapter-kinds/study-text.ts';
import { line, twelve } from './heard-lines.ts';

const OPTIONS = { seed: 1, resamples: 500 } as const;

/** Greek: FLoRA is better at both seeds. Russian: LoRA is, a little, which may be chance. */
const CELLS: readonly FinishedCell[] = [
  { kind: 'flora', seed: 1, heard: [...twelve('el', 1, 2), ...twelve('ru', 3, 4)] },
  { kind: 'lora', seed: 1, heard: [...twelve('el', 4, 5), ...twelve('ru', 3, 3)] },
  { kind: 'flora', seed: 2, heard: [...twelve('el', 2, 3), ...twelve('ru', 2, 4)] },
  { kind: 'lora', seed: 2, heard: [...twelve('el', 4, 6), ...twelve('ru', 3, 3)] },
];
const BASE = [...twelve('el', 8), ...twelve('ru', 9)];

const report = studyReport({ base: BASE, cells: CELLS }, OPTIONS);

describe('the report of the adapter kinds', () => {
  it('has the mean over seeds, and each seed by itself', () => {
    const { el } = report.languages;
    expect(el).toMatchObject({ utterances: 12, words: 120, base: { wer: 0.8 } });
    expect(el?.kinds.flora?.wer).toBeCloseTo(0.2, 10);
    expect(el?.kinds.flora?.seedWers).toEqual([0.15, 0.25]);
    expect(el?.kinds.lora?.wer).toBeCloseTo(0.475, 10);
    expect(report.seeds).toEqual([1, 2]);
  });

  it('has the mean of the languages', () => {
    expect(report.macro.base.wer).toBeCloseTo(0.85, 10);
    expect(report.macro.kinds.flora?.wer).toBeCloseTo((0.2 + 0.325) / 2, 10);
  });

  it('says where which kind is better, and where it may be chance', () => {
    expect(report.languages['el']?.comparisons.lora).toMatchObject({ better: 'flora' });
    expect(report.languages['el']?.comparisons.lora?.difference).toBeCloseTo(-0.275, 10);
    expect(report.languages['ru']?.comparisons.lora).toMatchObject({ better: null });
    expect(report.floraNotWorse).toBe(true);
  });

  it('finds FLoRA worse where it is', () => {
    const worse = CELLS.map((cell) => ({ ...cell, kind: cell.kind === 'flora' ? ('lora' as const) : ('flora' as const) }));
    expect(studyReport({ base: BASE, cells: worse }, OPTIONS)).toMatchObject({
      floraNotWorse: false,
      macro: { comparisons: { lora: { better: 'lora' } } },
    });
  });

  it('draws the same utterances for all kinds: alike ones differ by nothing', () => {
    const alike = CELLS.filter(({ kind }) => kind === 'flora').flatMap((cell) => [cell, { ...cell, kind: 'ia3' as const }]);
    const { macro } = studyReport({ base: BASE, cells: alike }, OPTIONS);
    expect(macro.kinds.ia3?.interval).toEqual(macro.kinds.flora?.interval);
    expect(macro.comparisons.ia3).toMatchObject({ difference: 0, pValue: 1, better: null });
    expect(macro.comparisons.ia3?.interval.map(Math.abs)).toEqual([0, 0]);
  });

  it('compares nothing that was not measured', () => {
    const alone = studyReport({ base: BASE, cells: CELLS.filter(({ kind }) => kind === 'flora') }, OPTIONS);
    expect(alone.floraNotWorse).toBeNull();
    expect(alone.macro.comparisons).toEqual({});
  });

  it('leaves out utterances without words', () => {
    const silent = { ...line('el/silent', 0), words: null };
    const cells = CELLS.map((cell) => ({ ...cell, heard: [silent, ...cell.heard] }));
    expect(studyReport({ base: [silent, ...BASE], cells }, OPTIONS)).toEqual(report);
  });
});

describe('the tables of the adapter kinds', () => {
  const TRIED = [
    { factor: 3, learningRate: 6e-4, devWer: 0.4012 },
    { factor: 300, learningRate: 6e-2, devWer: null },
  ] as const;
  const description = {
    model: 'whisper-base',
    limit: 300,
    epochs: 3,
    facts: [
      { kind: 'flora', parameters: 150_528, learningRate: 6e-3, tried: [], steps: [330, 331], secondsAStep: 2.5 },
      { kind: 'lora', parameters: 150_528, learningRate: 6e-4, tried: TRIED, steps: [330, 331], secondsAStep: null },
    ],
  } as const;

  it('are text for people', () => {
    const text = studyText(report, description, false);
    expect(text).toMatch(/utterances +base +FLoRA +LoRA +FLoRA − LoRA +p\n/);
    expect(text).toMatch(/el +12 +80\.0 \[80\.0, 80\.0\] +20\.0 \[\d+\.\d, \d+\.\d\] +47\.5 \[/);
    expect(text).toMatch(/−27\.5 \[−\d+\.\d, −\d+\.\d\]/);
    expect(text).toMatch(/FLoRA +150,528 +0\.006 +330 331 +2\.50 +25\.0 27\.5/);
    expect(text).toMatch(/LoRA +150,528 +0\.0006 +330 331 +– /);
    expect(text).toMatch(
      /FLoRA against LoRA: better on average \(p [^)]+\); better in el; worse in no language; elsewhere it may be chance\./,
    );
    expect(text).toContain('Learning rates of LoRA, with the mean dev WER in %: 0.0006: 40.1, 0.06: diverged.');
    expect(text).not.toContain('Learning rates of FLoRA');
    expect(text).not.toContain('(IA)³');
  });

  it('are Markdown for a document, with the lowest rate in bold', () => {
    const text = studyText(report, description, true);
    expect(text).toContain('|  | utterances | base | FLoRA | LoRA | FLoRA − LoRA | p |\n|---|---:|---:|---:|---:|---:|---:|\n');
    expect(text).toMatch(/\| el \| 12 \| 80\.0 [^|]+ \| \*\*20\.0 [^|]+\*\* \| 47\.5 [^|*]+ \|/);
    expect(text).toMatch(/\| ru \| 12 \| [^|]+ \| 32\.5 [^|*]+ \| \*\*30\.0 [^|]+\*\* \|/);
  });
});
