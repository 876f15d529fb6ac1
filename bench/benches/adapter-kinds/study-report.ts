import type { LearnerKind } from '../../../adapters/training/parameter-layout.ts';
import {
  comparePaired,
  type Interval,
  type PairedComparison,
  type Ratio,
  type ResampleOptions,
  rateInterval,
} from '../../metrics/bootstrap.ts';
import { mean } from '../../metrics/statistics.ts';
import { editDistance } from '../../metrics/wer.ts';
import type { HeardLine } from './cell-cache.ts';
import { KINDS } from './study-recipe.ts';

/** A kind at a seed, trained and heard. */
export interface FinishedCell {
  readonly kind: LearnerKind;
  readonly seed: number;
  readonly heard: readonly HeardLine[];
}

export interface StudyResults {
  readonly base: readonly HeardLine[];
  /** of the same utterances; each kind at the same seeds */
  readonly cells: readonly FinishedCell[];
}

export interface Rate {
  /** as a fraction; of several seeds the mean */
  readonly wer: number;
  /** over utterances: the same ones are drawn for all kinds and seeds */
  readonly interval: Interval;
}

export interface KindRate extends Rate {
  /** in the order of the seeds */
  readonly seedWers: readonly number[];
}

export interface KindComparison extends PairedComparison {
  /** the kind with the lower rate; null if the difference may be chance (p of 0.05 or more) */
  readonly better: LearnerKind | null;
}

/** One row of the table. */
export interface StudyRow {
  readonly base: Rate;
  readonly kinds: Readonly<Partial<Record<LearnerKind, KindRate>>>;
  /** FLoRA less the other kind: negative where FLoRA is better */
  readonly comparisons: Readonly<Partial<Record<LearnerKind, KindComparison>>>;
}

export interface StudyReport {
  /** FLoRA's macro average against LoRA's, at the same number of parameters; null unless both were measured */
  readonly floraNotWorse: boolean | null;
  /** mean of the languages' rates */
  readonly macro: StudyRow;
  readonly languages: Readonly<Record<string, StudyRow & { readonly utterances: number; readonly words: number }>>;
  readonly seeds: readonly number[];
}

/** At this p, a difference is no chance. */
const SIGNIFICANT = 0.05;

export function studyReport({ base, cells }: StudyResults, options: ResampleOptions): StudyReport {
  const languages = [...new Set(base.map(({ language }) => language))];
  const rowOf = (asked: readonly string[]) => studyRow({ base, cells }, asked, options);
  const macro = rowOf(languages);
  const againstLora = macro.comparisons.lora;
  return {
    floraNotWorse: againstLora === undefined ? null : againstLora.better !== 'lora',
    macro,
    languages: Object.fromEntries(
      languages.map((language) => {
        const ratios = ratiosOf(base, language);
        const words = ratios.reduce((sum, { length }) => sum + length, 0);
        return [language, { utterances: ratios.length, words, ...rowOf([language]) }];
      }),
    ),
    seeds: [...new Set(cells.map(({ seed }) => seed))],
  };
}

/** Of one language, or of the mean over several. */
function studyRow({ base, cells }: StudyResults, languages: readonly string[], options: ResampleOptions): StudyRow {
  const groups = new Map<LearnerKind, readonly (readonly Ratio[])[]>();
  const kinds: Partial<Record<LearnerKind, KindRate>> = {};
  for (const kind of KINDS) {
    const seeds = cells.filter((cell) => cell.kind === kind).map(({ heard }) => groupsOf(heard, languages));
    if (seeds.length === 0) continue;
    const averaged = meanOverSeeds(seeds);
    groups.set(kind, averaged);
    kinds[kind] = { ...rateOf(averaged, options), seedWers: seeds.map(macroWer) };
  }
  const flora = groups.get('flora');
  const comparisons: Partial<Record<LearnerKind, KindComparison>> = {};
  for (const [kind, other] of groups) {
    if (flora !== undefined && kind !== 'flora') comparisons[kind] = compare(flora, { kind, groups: other }, options);
  }
  return { base: rateOf(groupsOf(base, languages), options), kinds, comparisons };
}

function compare(
  flora: readonly (readonly Ratio[])[],
  { kind, groups }: { readonly kind: LearnerKind; readonly groups: readonly (readonly Ratio[])[] },
  options: ResampleOptions,
): KindComparison {
  const pairs = flora.map((group, index) => group.map((ratio, at) => ({ ...ratio, baseline: errorsAt(groups, index, at) })));
  const compared = comparePaired(pairs, options);
  const better = compared.difference < 0 ? 'flora' : kind;
  return { ...compared, better: compared.pValue < SIGNIFICANT ? better : null };
}

/** The bootstrap then draws an utterance with its errors at all seeds. */
function meanOverSeeds(seeds: readonly (readonly (readonly Ratio[])[])[]): readonly (readonly Ratio[])[] {
  const [first = []] = seeds;
  return first.map((group, index) =>
    group.map(({ length }, at) => ({ length, errors: mean(seeds.map((groups) => errorsAt(groups, index, at))) })),
  );
}

/** NaN if the other one has not heard the utterance. */
function errorsAt(groups: readonly (readonly Ratio[])[], index: number, at: number): number {
  return groups[index]?.[at]?.errors ?? Number.NaN;
}

function rateOf(groups: readonly (readonly Ratio[])[], options: ResampleOptions): Rate {
  return { wer: macroWer(groups), interval: rateInterval(groups, options) };
}

function macroWer(groups: readonly (readonly Ratio[])[]): number {
  return mean(
    groups.map((group) => {
      const errors = group.reduce((sum, ratio) => sum + ratio.errors, 0);
      return errors / group.reduce((sum, { length }) => sum + length, 0);
    }),
  );
}

function groupsOf(heard: readonly HeardLine[], languages: readonly string[]): readonly (readonly Ratio[])[] {
  return languages.map((language) => ratiosOf(heard, language));
}

/** Of the utterances that are scored. */
function ratiosOf(heard: readonly HeardLine[], language: string): readonly Ratio[] {
  return heard.flatMap(({ language: own, words }) =>
    own === language && words !== null ? [{ errors: editDistance(words), length: words.referenceLength }] : [],
  );
}
