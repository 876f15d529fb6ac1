import type { WerPercent } from './parity-comparison.ts';
import type { ParityReport, WerGap } from './parity-report.ts';
import { percent, textTable } from './text-table.ts';

/** The report for people. */
export function parityText(report: ParityReport): string {
  const { gaps, looping, targets, passed } = report;
  const languages = report.perLanguage.map(({ language, utterances, identical, looping: loops, werWithoutLoops }) => [
    language,
    `${identical}/${utterances}`,
    `${loops.fp32} ${loops.int8} ${loops.fasterWhisper}`,
    points(werWithoutLoops.fp32.all),
    points(werWithoutLoops.int8.all),
    points(werWithoutLoops.fasterWhisper.all),
  ]);
  const differing = report.differing.flatMap((one) => [
    `  ${one.id}, from token ${one.firstDifference} on`,
    `    ours    ${one.fp32}`,
    `    theirs  ${one.fasterWhisper}`,
  ]);
  return [
    `Token-identical with faster-whisper: ${percent(report.tokenIdentical)} ` +
      `(${report.identical} of ${report.utterances}); ${verdict(passed.tokenIdentical, `at least ${percent(targets.tokenIdentical)}`)}`,
    `fp32 against faster-whisper: ${gapText(gaps.fp32)}; ${verdict(passed.werGapFp32, `within ${targets.werGapFp32}`)}`,
    `int8 against fp32: ${gapText(gaps.int8)}; ${verdict(passed.werGapInt8, `within ${targets.werGapInt8}`)}`,
    `Looping: fp32 ${looping.fp32.count}, int8 ${looping.int8.count}, faster-whisper ${looping.fasterWhisper.count}`,
    '',
    'WER in % of utterances that loop in no system; loops of fp32, int8, faster-whisper:',
    textTable(['', 'identical', 'loops', 'fp32', 'int8', 'faster-whisper'], languages),
    ...(differing.length === 0 ? [] : ['', 'Not identical:', ...differing]),
  ].join('\n');
}

function gapText({ systems, wer, points: gap, loopingUtterances }: WerGap): string {
  const [first, second] = systems.map((system) => points((wer[system] as WerPercent).all));
  const apart = `${loopingUtterances} looping ones apart`;
  if (gap === null) return `no WER, ${apart}`;
  return `${gap >= 0 ? '+' : ''}${gap.toFixed(2)} points of WER (${first} against ${second}, ${apart})`;
}

function points(wer: number | null): string {
  return wer === null ? '-' : wer.toFixed(1);
}

function verdict(passed: boolean, target: string): string {
  return `${passed ? 'as promised' : 'MISSED'}: ${target}`;
}
