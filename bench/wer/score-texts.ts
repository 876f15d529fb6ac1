import { percent } from '../benches/text-table.ts';
import type { Comparison } from './eval-report.ts';
import type { SystemScores } from './system-scores.ts';

/** In the place of what was not measured, or has no value. */
export const NONE = '–';

/** A column of the tables that say more than the rate of word errors. */
export interface DetailColumn {
  readonly title: string;
  readonly text: (scores: SystemScores) => string;
}

export const DETAIL_COLUMNS: readonly DetailColumn[] = [
  { title: 'CER', text: ({ cer }) => rateText(cer) },
  { title: 'WER raw', text: ({ werRaw }) => rateText(werRaw) },
  { title: 'CER raw', text: ({ cerRaw }) => rateText(cerRaw) },
  { title: 'punct. F1', text: ({ punctuationF1 }) => rateText(punctuationF1) },
  { title: 'subst.', text: ({ substitutions }) => `${substitutions}` },
  { title: 'del.', text: ({ deletions }) => `${deletions}` },
  { title: 'ins.', text: ({ insertions }) => `${insertions}` },
  { title: 'words', text: ({ words }) => `${words}` },
  { title: 'utterances', text: ({ utterances }) => `${utterances}` },
  { title: 'excluded', text: ({ excluded }) => `${excluded}` },
  { title: 'missing', text: ({ missing }) => `${missing}` },
  { title: 'trips', text: ({ guardTrips }) => `${guardTrips ?? NONE}` },
  { title: 'loops', text: ({ loops }) => `${loops}` },
  { title: 'RTF', text: ({ realTimeFactor }) => (Number.isNaN(realTimeFactor) ? NONE : realTimeFactor.toFixed(3)) },
];

/** `41.2 [38.0, 44.9]` */
export function werText(scores: Pick<SystemScores, 'wer' | 'interval'> | undefined): string {
  if (scores === undefined || Number.isNaN(scores.wer)) return NONE;
  const [low, high] = scores.interval;
  return `${rateText(scores.wer)} [${rateText(low)}, ${rateText(high)}]`;
}

/** Relative change of WER, and its p value. */
export function changeTexts(comparison: Pick<Comparison, 'relative' | 'pValue'> | null): readonly [change: string, p: string] {
  if (comparison === null) return [NONE, NONE];
  const { relative, pValue } = comparison;
  return [
    Number.isFinite(relative) ? `${relative > 0 ? '+' : ''}${percent(relative)}` : NONE,
    Number.isFinite(pValue) ? pValue.toFixed(3) : NONE,
  ];
}

/** In %, without the sign. @param rate a fraction */
export function rateText(rate: number): string {
  return Number.isNaN(rate) ? NONE : (100 * rate).toFixed(1);
}
