import type { Utterance } from '../corpora/corpus.ts';
import {
  comparePaired,
  type Interval,
  type PairedComparison,
  type PairedRatio,
  type ResampleOptions,
  rateInterval,
} from '../metrics/bootstrap.ts';
import { wordRatio } from '../metrics/score.ts';
import { mean } from '../metrics/statistics.ts';
import { type HeardUtterance, type SystemScores, systemScores } from './system-scores.ts';

/** One system's hypotheses, in the order of the utterances; null where it was not asked. */
export interface HeardSystem {
  readonly name: string;
  readonly title: string;
  readonly heard: readonly (HeardUtterance | null)[];
}

export interface EvalRun {
  readonly utterances: readonly Utterance[];
  /** our own: `base`, `adapter`, or one of them */
  readonly ours: readonly HeardSystem[];
  readonly peers: readonly HeardSystem[];
}

/** Means over languages. */
export interface MacroScores extends Pick<SystemScores, 'wer' | 'cer' | 'werRaw' | 'cerRaw' | 'punctuationF1'> {
  /** of `wer`, each language resampled by itself */
  readonly interval: Interval;
  readonly languages: readonly string[];
}

/** Two systems on the utterances that both were asked about. */
export interface Comparison extends PairedComparison {
  /** of WER: −0.5 is half the errors */
  readonly relative: number;
}

/** By name of the system; what was not measured is not there. */
export interface OurScores<Of> {
  readonly base?: Of;
  readonly adapter?: Of;
  /** adapter against base; null unless both are there */
  readonly comparison: Comparison | null;
}

export interface SetReport {
  readonly languages: Readonly<Record<string, OurScores<SystemScores>>>;
  /** all utterances as one corpus */
  readonly pooled: OurScores<SystemScores>;
  readonly macro: OurScores<MacroScores>;
  /** of the adapters, or of the base model where only that was measured; null where it is not told */
  readonly guardTrips: number | null;
  readonly loops: number;
}

export interface PeerSetReport {
  readonly languages: Readonly<Record<string, SystemScores>>;
  readonly pooled: SystemScores;
  readonly macro: MacroScores;
  /** our adapters, or our base model, against the peer; null if neither was measured */
  readonly comparison: Comparison | null;
}

export interface PeerReport {
  readonly title: string;
  readonly all: PeerSetReport;
  readonly spoken: PeerSetReport;
}

export interface EvalReport {
  readonly all: SetReport;
  /** the utterances whose text can have been said in the time */
  readonly spoken: SetReport;
  readonly peers: Readonly<Record<string, PeerReport>>;
}

export function evalReport(run: EvalRun, options: ResampleOptions): EvalReport {
  const spoken = ({ spoken: whole }: Utterance) => whole;
  const peers = run.peers.map((peer) => [peer.name, peerReport(peer, run, options)] as const);
  return {
    all: setReport(run, () => true, options),
    spoken: setReport(run, spoken, options),
    peers: Object.fromEntries(peers),
  };
}

type Belongs = (utterance: Utterance) => boolean;
/** by language, in the order in which they come; languages without utterances are not there */
type ByLanguage = ReadonlyMap<string, readonly HeardUtterance[]>;

function setReport(run: EvalRun, belongs: Belongs, options: ResampleOptions): SetReport {
  const heard = new Map(run.ours.map((system) => [system.name, byLanguage(system, belongs)]));
  const [base, adapter] = [heard.get('base'), heard.get('adapter')];
  const ours = <Of>(scoresOf: (system: ByLanguage) => Of | undefined, compared: readonly string[] | null): OurScores<Of> => {
    const [ofBase, ofAdapter] = [base && scoresOf(base), adapter && scoresOf(adapter)];
    return {
      ...(ofBase !== undefined && { base: ofBase }),
      ...(ofAdapter !== undefined && { adapter: ofAdapter }),
      comparison: base && adapter ? compare(adapter, base, { ...options, languages: compared }) : null,
    };
  };
  const languages = [...new Set(run.utterances.filter(belongs).map(({ language }) => language))];
  const perLanguage = languages.map((language) => {
    const scoresOf = (system: ByLanguage) => {
      const own = system.get(language);
      return own && systemScores(own, options);
    };
    return [language, ours(scoresOf, [language])] as const;
  });
  const pooled = ours((system) => systemScores([...system.values()].flat(), options), null);
  const served = pooled.adapter ?? pooled.base;
  return {
    languages: Object.fromEntries(perLanguage),
    pooled,
    macro: ours((system) => macroScores(system, options), languages),
    guardTrips: served?.guardTrips ?? null,
    loops: served?.loops ?? 0,
  };
}

function peerReport(peer: HeardSystem, run: EvalRun, options: ResampleOptions): PeerReport {
  const served = run.ours.find(({ name }) => name === 'adapter') ?? run.ours[0];
  const setOf = (belongs: Belongs): PeerSetReport => {
    const heard = byLanguage(peer, belongs);
    const languages = [...heard].map(([language, own]) => [language, systemScores(own, options)] as const);
    return {
      languages: Object.fromEntries(languages),
      pooled: systemScores([...heard.values()].flat(), options),
      macro: macroScores(heard, options),
      comparison: served ? compare(byLanguage(served, belongs), heard, { ...options, languages: [...heard.keys()] }) : null,
    };
  };
  return { title: peer.title, all: setOf(() => true), spoken: setOf(({ spoken }) => spoken) };
}

function byLanguage({ heard }: HeardSystem, belongs: Belongs): ByLanguage {
  const groups = new Map<string, HeardUtterance[]>();
  for (const one of heard) {
    if (one === null || !belongs(one.utterance)) continue;
    const group = groups.get(one.utterance.language) ?? [];
    group.push(one);
    groups.set(one.utterance.language, group);
  }
  return groups;
}

function macroScores(system: ByLanguage, options: ResampleOptions): MacroScores {
  const scored = [...system].filter(([, heard]) => heard.some(({ errors }) => errors !== null));
  const scores = scored.map(([, heard]) => systemScores(heard, options));
  const ratios = scored.map(([, heard]) => heard.flatMap(({ errors }) => (errors === null ? [] : [wordRatio(errors)])));
  return {
    wer: mean(scores.map(({ wer }) => wer)),
    cer: mean(scores.map(({ cer }) => cer)),
    werRaw: mean(scores.map(({ werRaw }) => werRaw)),
    cerRaw: mean(scores.map(({ cerRaw }) => cerRaw)),
    punctuationF1: mean(scores.map(({ punctuationF1 }) => punctuationF1)),
    interval: rateInterval(ratios, options),
    languages: scored.map(([language]) => language),
  };
}

/**
 * @param languages the mean over those is compared; null: all utterances as one corpus
 * @returns null if there is no utterance that both were asked about
 */
function compare(
  system: ByLanguage,
  baseline: ByLanguage,
  { languages, ...options }: ResampleOptions & { readonly languages: readonly string[] | null },
): Comparison | null {
  const pairs = (languages ?? [...system.keys()])
    .map((language) => pairedRatios(system.get(language) ?? [], baseline.get(language) ?? []))
    .filter((group) => group.length > 0);
  if (pairs.length === 0) return null;
  const groups = languages === null ? [pairs.flat()] : pairs;
  const paired = comparePaired(groups, options);
  const baselineRate = mean(groups.map((group) => rateOf(group)));
  return { ...paired, relative: paired.difference / baselineRate };
}

function pairedRatios(system: readonly HeardUtterance[], baseline: readonly HeardUtterance[]): readonly PairedRatio[] {
  const others = new Map(baseline.map(({ utterance, errors }) => [utterance.id, errors]));
  return system.flatMap(({ utterance, errors }) => {
    const other = others.get(utterance.id);
    if (errors === null || !other) return [];
    return [{ ...wordRatio(errors), baseline: wordRatio(other).errors }];
  });
}

function rateOf(group: readonly PairedRatio[]): number {
  const errors = group.reduce((sum, { baseline }) => sum + baseline, 0);
  return errors / group.reduce((sum, { length }) => sum + length, 0);
}
