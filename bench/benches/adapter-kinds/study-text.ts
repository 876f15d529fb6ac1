import type { LearnerKind } from '../../../adapters/training/parameter-layout.ts';
import type { Interval } from '../../metrics/bootstrap.ts';
import { textTable } from '../text-table.ts';
import { KIND_TITLES, KINDS } from './study-recipe.ts';
import type { KindComparison, Rate, StudyReport, StudyRow } from './study-report.ts';

/** A learning rate that was tried, and what came of it. */
export interface TriedRate {
  readonly factor: number;
  readonly learningRate: number;
  /** mean over languages, as a fraction; null: the training diverged */
  readonly devWer: number | null;
}

/** What was trained of a kind. */
export interface KindFacts {
  readonly kind: LearnerKind;
  readonly parameters: number;
  readonly learningRate: number;
  /** empty where there was nothing to choose */
  readonly tried: readonly TriedRate[];
  /** by seed */
  readonly steps: readonly number[];
  /** median over seeds; null where nobody timed it */
  readonly secondsAStep: number | null;
}

export interface StudyDescription {
  readonly model: string;
  readonly limit: number;
  readonly epochs: number;
  readonly facts: readonly KindFacts[];
}

type Table = (header: readonly string[], rows: readonly (readonly string[])[]) => string;

const NONE = '–';

/** The report for people: the same tables on a terminal and in a document. */
export function studyText(report: StudyReport, description: StudyDescription, markdown: boolean): string {
  const table: Table = markdown ? markdownTable : textTable;
  const { model, limit, epochs } = description;
  const seeds = report.seeds.join(', ');
  return [
    `WER in % on the test split of Tux Paint, \`spoken\`: the mean over seeds ${seeds}, with 95 % intervals over utterances. ` +
      `${model}, ${limit} utterances of each language, ${epochs === 1 ? '1 epoch' : `${epochs} epochs`}, rank 1. Differences are in points; negative: FLoRA is better.`,
    '',
    werTable(report, table, markdown),
    '',
    table(...kindRows(report, description.facts)),
    ...[...triedRates(description.facts), ...verdicts(report)].map((sentence) => `\n${sentence}`),
  ].join('\n');
}

function werTable({ languages, macro }: StudyReport, table: Table, markdown: boolean): string {
  const kinds = KINDS.filter((kind) => macro.kinds[kind] !== undefined);
  const compared = KINDS.filter((kind) => macro.comparisons[kind] !== undefined).reverse();
  const cells = (row: StudyRow) => {
    const lowest = Math.min(...kinds.map((kind) => row.kinds[kind]?.wer ?? Number.POSITIVE_INFINITY));
    const rates = kinds.map((kind) => {
      const rate = row.kinds[kind];
      return markdown && rate?.wer === lowest ? `**${rateText(rate)}**` : rateText(rate);
    });
    return [rateText(row.base), ...rates, ...compared.flatMap((kind) => comparisonTexts(row.comparisons[kind]))];
  };
  const header = ['', 'utterances', 'base', ...kinds.map((kind) => KIND_TITLES[kind])];
  const versus = compared.flatMap((kind) => [`FLoRA − ${KIND_TITLES[kind]}`, 'p']);
  const rows = Object.entries(languages).map(([language, row]) => [language, `${row.utterances}`, ...cells(row)]);
  return table([...header, ...versus], [...rows, ['mean', '', ...cells(macro)]]);
}

function kindRows({ macro }: StudyReport, facts: readonly KindFacts[]): Parameters<Table> {
  const rows = facts.map(({ kind, parameters, learningRate, steps, secondsAStep }) => [
    KIND_TITLES[kind],
    parameters.toLocaleString('en'),
    `${learningRate}`,
    steps.join(' '),
    secondsAStep === null ? NONE : secondsAStep.toFixed(2),
    (macro.kinds[kind]?.seedWers ?? []).map(percentText).join(' '),
  ]);
  return [['', 'parameters', 'learning rate', 'steps by seed', 'seconds a step', 'mean WER by seed'], rows];
}

function triedRates(facts: readonly KindFacts[]): readonly string[] {
  return facts.flatMap(({ kind, tried }) => {
    if (tried.length === 0) return [];
    const rates = tried.map(
      ({ learningRate, devWer }) => `${learningRate}: ${devWer === null ? 'diverged' : percentText(devWer)}`,
    );
    return [`Learning rates of ${KIND_TITLES[kind]}, with the mean dev WER in %: ${rates.join(', ')}.`];
  });
}

/** Where each kind wins. */
function verdicts({ macro, languages }: StudyReport): readonly string[] {
  return KINDS.flatMap((kind) => {
    const overall = macro.comparisons[kind];
    if (overall === undefined) return [];
    const winsOf = (winner: LearnerKind) =>
      Object.entries(languages).flatMap(([language, row]) => (row.comparisons[kind]?.better === winner ? [language] : []));
    const [flora, other] = [winsOf('flora'), winsOf(kind)];
    const listed = (won: readonly string[]) => (won.length === 0 ? 'no language' : won.join(', '));
    return [
      `FLoRA against ${KIND_TITLES[kind]}: ${meaningOf(overall)} on average (p ${pValueText(overall.pValue)}); ` +
        `better in ${listed(flora)}; worse in ${listed(other)}; elsewhere it may be chance.`,
    ];
  });
}

function meaningOf({ better }: KindComparison): string {
  if (better === null) return 'no certain difference';
  return better === 'flora' ? 'better' : 'worse';
}

function comparisonTexts(comparison: KindComparison | undefined): readonly string[] {
  if (comparison === undefined) return [NONE, NONE];
  const { difference, interval, pValue } = comparison;
  return [`${signed(difference)} ${intervalText(interval, signed)}`, pValueText(pValue)];
}

/** `41.2 [38.0, 44.9]` */
function rateText(rate: Rate | undefined): string {
  if (rate === undefined || Number.isNaN(rate.wer)) return NONE;
  return `${percentText(rate.wer)} ${intervalText(rate.interval, percentText)}`;
}

function intervalText([low, high]: Interval, textOf: (value: number) => string): string {
  return `[${textOf(low)}, ${textOf(high)}]`;
}

function percentText(share: number): string {
  return (100 * share).toFixed(1);
}

function signed(share: number): string {
  const text = percentText(share);
  return share > 0 ? `+${text}` : text.replace('-', '−');
}

function pValueText(pValue: number): string {
  return pValue < 0.001 ? '< 0.001' : pValue.toFixed(3);
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = `|---|${header
    .slice(1)
    .map(() => '---:|')
    .join('')}`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}
