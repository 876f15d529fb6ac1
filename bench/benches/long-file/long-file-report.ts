import { median } from '../../metrics/statistics.ts';
import { type EditCounts, errorRatePercent, sumEdits } from '../../metrics/wer.ts';
import { percent, textTable } from '../text-table.ts';

/** What came of one long recording, or of several: everything adds up. */
export interface LongFileOutcome {
  readonly audioSeconds: number;
  /** joined in it, and cut out of it */
  readonly recordings: number;
  readonly utterances: number;
  readonly words: number;
  /** of ours, of the same recordings one by one, of the peer */
  readonly edits: EditCounts;
  readonly editsAlone: EditCounts;
  readonly peerEdits: EditCounts;
  /** as `onsetErrors` tells them */
  readonly onsetErrorsMs: readonly number[];
  /** by round */
  readonly oursSeconds: readonly number[];
  readonly peerSeconds: readonly number[];
}

export type LongFileFigures = ReturnType<typeof figuresOf>;
export type LongFileReport = LongFileFigures & { readonly languages: Readonly<Record<string, LongFileFigures>> };

/** Figures of all recordings together, and of each by its language. */
export function longFileReport(outcomes: ReadonlyMap<string, LongFileOutcome>): LongFileReport {
  const languages = Object.fromEntries([...outcomes].map(([language, outcome]) => [language, figuresOf(outcome)]));
  return { ...figuresOf(together([...outcomes.values()])), languages };
}

export function longFileText({ languages, ...all }: LongFileReport): string {
  const ms = (value: number) => value.toFixed(0);
  const seconds = (value: number) => value.toFixed(1);
  const rows = [...Object.entries(languages), ['all', all] as const].map(([name, one]) => [
    name,
    String(one.recordings),
    String(one.utterances),
    percent(one.wer),
    percent(one.werAlone),
    one.werGapPoints.toFixed(1),
    percent(one.peerWer),
    `${ms(one.onsetErrorMs)} (${ms(one.onsetBiasMs)})`,
    seconds(one.seconds),
    seconds(one.peerSeconds),
    one.speedup.toFixed(2),
  ]);
  const header = [
    '',
    'recordings',
    'utterances',
    'WER',
    'one by one',
    'gap, points',
    'peer',
    'onsets, ms (late)',
    'ours, s',
    'peer, s',
    'ratio',
  ];
  return `The peer is faster-whisper's batched pipeline.\n\n${textTable(header, rows)}`;
}

function figuresOf(outcome: LongFileOutcome) {
  const { audioSeconds, recordings, utterances, words, onsetErrorsMs, oursSeconds, peerSeconds } = outcome;
  const rate = (edits: EditCounts) => errorRatePercent(edits) / 100;
  const [wer, werAlone] = [rate(outcome.edits), rate(outcome.editsAlone)];
  return {
    audioSeconds,
    recordings,
    utterances,
    words,
    wer,
    werAlone,
    werGapPoints: 100 * (wer - werAlone),
    peerWer: rate(outcome.peerEdits),
    onsets: onsetErrorsMs.length,
    onsetErrorMs: median(onsetErrorsMs.map(Math.abs)),
    onsetBiasMs: median(onsetErrorsMs),
    seconds: median(oursSeconds),
    peerSeconds: median(peerSeconds),
    /** times that faster-whisper takes, of the same round */
    speedup: median(oursSeconds.map((ours, round) => (peerSeconds[round] as number) / ours)),
  };
}

/** Of all rounds there were: each language has had as many. */
function together(outcomes: readonly LongFileOutcome[]): LongFileOutcome {
  const sum = (of: (one: LongFileOutcome) => number) => outcomes.reduce((total, one) => total + of(one), 0);
  const byRound = (of: (one: LongFileOutcome) => readonly number[]) =>
    (outcomes[0]?.oursSeconds ?? []).map((_, round) => sum((one) => of(one)[round] as number));
  return {
    audioSeconds: sum((one) => one.audioSeconds),
    recordings: sum((one) => one.recordings),
    utterances: sum((one) => one.utterances),
    words: sum((one) => one.words),
    edits: sumEdits(outcomes.map(({ edits }) => edits)),
    editsAlone: sumEdits(outcomes.map(({ editsAlone }) => editsAlone)),
    peerEdits: sumEdits(outcomes.map(({ peerEdits }) => peerEdits)),
    onsetErrorsMs: outcomes.flatMap(({ onsetErrorsMs }) => onsetErrorsMs),
    oursSeconds: byRound((one) => one.oursSeconds),
    peerSeconds: byRound((one) => one.peerSeconds),
  };
}
