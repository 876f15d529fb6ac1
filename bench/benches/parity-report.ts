import { type Compared, firstDifference, isLoop, SYSTEMS, type System, type WerPercent, werOf } from './parity-comparison.ts';

/** What is promised: token-identical at least so often, WER within so many points. */
export const PARITY_TARGETS = { tokenIdentical: 0.95, werGapFp32: 0.3, werGapInt8: 1 } as const;

/** Two systems' WER over the utterances that loop in neither. */
export interface WerGap {
  readonly systems: readonly [System, System];
  readonly wer: Readonly<Partial<Record<System, WerPercent>>>;
  /** points by which the first is worse; negative where it is better; null of no utterances */
  readonly points: number | null;
  readonly loopingUtterances: number;
}

export interface LanguageParity {
  readonly language: string;
  readonly utterances: number;
  readonly identical: number;
  readonly looping: Readonly<Record<System, number>>;
  /** of all utterances, those that loop too */
  readonly wer: Readonly<Record<System, WerPercent>>;
  /** of those that loop in none of the systems */
  readonly werWithoutLoops: Readonly<Record<System, WerPercent>>;
}

export interface DifferingUtterance {
  readonly id: string;
  /** index of the first token that differs */
  readonly firstDifference: number;
  readonly fp32: string;
  readonly fasterWhisper: string;
}

export interface ParityReport {
  /** share of utterances whose fp32 tokens are those of faster-whisper; 1 is all */
  readonly tokenIdentical: number;
  /** absolute points of WER between our fp32 and faster-whisper; null if every utterance loops */
  readonly werGapFp32: number | null;
  /** absolute points of WER between our int8 and our fp32 */
  readonly werGapInt8: number | null;
  readonly passed: Readonly<Record<keyof typeof PARITY_TARGETS, boolean>>;
  readonly targets: typeof PARITY_TARGETS;
  readonly utterances: number;
  readonly identical: number;
  readonly gaps: { readonly fp32: WerGap; readonly int8: WerGap };
  readonly looping: Readonly<Record<System, { readonly count: number; readonly ids: readonly string[] }>>;
  readonly perLanguage: readonly LanguageParity[];
  readonly differing: readonly DifferingUtterance[];
}

/** @param tokenLimit the most text tokens that the model has room for: reaching it is a loop */
export function parityReport(utterances: readonly Compared[], tokenLimit: number): ParityReport {
  const differing = utterances.flatMap(differenceOf);
  const identical = utterances.length - differing.length;
  const gaps = {
    fp32: gapBetween(utterances, ['fp32', 'fasterWhisper'], tokenLimit),
    int8: gapBetween(utterances, ['int8', 'fp32'], tokenLimit),
  };
  const tokenIdentical = identical / Math.max(1, utterances.length);
  const [werGapFp32, werGapInt8] = [absolute(gaps.fp32.points), absolute(gaps.int8.points)];
  return {
    tokenIdentical,
    werGapFp32,
    werGapInt8,
    passed: {
      tokenIdentical: tokenIdentical >= PARITY_TARGETS.tokenIdentical,
      werGapFp32: werGapFp32 !== null && werGapFp32 <= PARITY_TARGETS.werGapFp32,
      werGapInt8: werGapInt8 !== null && werGapInt8 <= PARITY_TARGETS.werGapInt8,
    },
    targets: PARITY_TARGETS,
    utterances: utterances.length,
    identical,
    gaps,
    looping: bySystem((system) => {
      const ids = utterances.filter(({ transcripts }) => isLoop(transcripts[system], tokenLimit)).map(({ id }) => id);
      return { count: ids.length, ids };
    }),
    perLanguage: [...new Set(utterances.map(({ language }) => language))].map((language) =>
      languageParity(
        language,
        utterances.filter((one) => one.language === language),
        tokenLimit,
      ),
    ),
    differing,
  };
}

function differenceOf({ id, transcripts }: Compared): readonly DifferingUtterance[] {
  const position = firstDifference(transcripts.fp32, transcripts.fasterWhisper);
  if (position === null) return [];
  return [{ id, firstDifference: position, fp32: transcripts.fp32.text, fasterWhisper: transcripts.fasterWhisper.text }];
}

function gapBetween(utterances: readonly Compared[], systems: readonly [System, System], tokenLimit: number): WerGap {
  const kept = withoutLoops(utterances, systems, tokenLimit);
  const [first, second] = [werOf(kept, systems[0]), werOf(kept, systems[1])];
  return {
    systems,
    wer: { [systems[0]]: first, [systems[1]]: second },
    points: first.all === null || second.all === null ? null : first.all - second.all,
    loopingUtterances: utterances.length - kept.length,
  };
}

function languageParity(language: string, utterances: readonly Compared[], tokenLimit: number): LanguageParity {
  const kept = withoutLoops(utterances, SYSTEMS, tokenLimit);
  return {
    language,
    utterances: utterances.length,
    identical: utterances.filter((utterance) => differenceOf(utterance).length === 0).length,
    looping: bySystem((system) => utterances.filter(({ transcripts }) => isLoop(transcripts[system], tokenLimit)).length),
    wer: bySystem((system) => werOf(utterances, system)),
    werWithoutLoops: bySystem((system) => werOf(kept, system)),
  };
}

function withoutLoops(utterances: readonly Compared[], systems: readonly System[], tokenLimit: number): readonly Compared[] {
  return utterances.filter(({ transcripts }) => !systems.some((system) => isLoop(transcripts[system], tokenLimit)));
}

function bySystem<Value>(value: (system: System) => Value): Readonly<Record<System, Value>> {
  return { fp32: value('fp32'), int8: value('int8'), fasterWhisper: value('fasterWhisper') };
}

function absolute(points: number | null): number | null {
  return points === null ? null : Math.abs(points);
}
