import { normaliseText } from '../../metrics/normalise.ts';
import { characterErrors, type EditCounts, errorRatePercent, sumEdits, wordErrors } from '../../metrics/wer.ts';
import { textTable } from '../text-table.ts';

export interface HeardTurn {
  readonly language: string;
  readonly reference: string;
  readonly wideband: string;
  readonly telephone: string;
}

export interface ErrorRates {
  readonly wer: number;
  readonly cer: number;
}

export interface TelephoneLanguage {
  readonly language: string;
  readonly utterances: number;
  readonly wideband: ErrorRates;
  readonly telephone: ErrorRates;
  /** points of WER that the telephone costs */
  readonly werGap: number;
}

/** Rates in percent, over normalised texts. */
export interface TelephoneReport extends Omit<TelephoneLanguage, 'language'> {
  readonly perLanguage: readonly TelephoneLanguage[];
  readonly targets: { readonly werGap: number };
  readonly passed: { readonly werGap: boolean };
}

const TARGETS = { werGap: 3 };

export function telephoneReport(turns: readonly HeardTurn[]): TelephoneReport {
  const languages = [...new Set(turns.map(({ language }) => language))];
  const perLanguage = languages.map((language) => ({
    language,
    ...compare(turns.filter((turn) => turn.language === language)),
  }));
  const all = compare(turns);
  return { ...all, perLanguage, targets: TARGETS, passed: { werGap: all.werGap <= TARGETS.werGap } };
}

function compare(turns: readonly HeardTurn[]): Omit<TelephoneLanguage, 'language'> {
  const wideband = errorRates(turns, 'wideband');
  const telephone = errorRates(turns, 'telephone');
  return { utterances: turns.length, wideband, telephone, werGap: telephone.wer - wideband.wer };
}

function errorRates(turns: readonly HeardTurn[], way: 'wideband' | 'telephone'): ErrorRates {
  const rate = (count: (reference: string, hypothesis: string) => EditCounts) =>
    errorRatePercent(sumEdits(turns.map((turn) => count(normaliseText(turn.reference), normaliseText(turn[way])))));
  return { wer: rate(wordErrors), cer: rate(characterErrors) };
}

/** The report for people. */
export function telephoneText({ perLanguage, passed, targets, ...all }: TelephoneReport): string {
  const rows = [...perLanguage, { language: 'all', ...all }].map((row) => [
    row.language,
    `${row.utterances}`,
    ...[row.wideband.wer, row.telephone.wer, row.werGap, row.wideband.cer, row.telephone.cer].map((rate) => rate.toFixed(1)),
  ]);
  const verdict = passed.werGap ? 'as promised' : 'MISSED';
  return [
    textTable(['', 'utterances', 'WER 16 kHz', 'telephone', 'gap', 'CER 16 kHz', 'telephone'], rows),
    '',
    `The telephone costs ${all.werGap.toFixed(2)} points of WER; ${verdict}: at most ${targets.werGap}`,
  ].join('\n');
}
