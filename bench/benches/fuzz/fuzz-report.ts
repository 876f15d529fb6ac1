import { textTable } from '../text-table.ts';
import { FUZZ_CLASSES, type FuzzClass } from './choose-case.ts';
import type { HealthyReport } from './healthy-client.ts';
import type { ProcessExit, ProcessResources } from './service-process.ts';
import { tally } from './tally.ts';
import type { Verdict } from './verdict.ts';

/** How one case ended. */
export interface CaseOutcome extends Verdict {
  readonly class: FuzzClass;
  readonly index: number;
  readonly what: string;
  /** the end of what came back, if there is a problem with it */
  readonly received: string | null;
}

/** What the service is like after all, against what it was like before. */
export interface Aftermath {
  readonly ready: boolean;
  readonly openStreams: number;
  readonly rowsInFlight: number;
  readonly before: ProcessResources;
  readonly after: ProcessResources;
  readonly filesLeft: readonly string[];
  /** lines of the log that tell of errors */
  readonly logErrors: readonly string[];
  readonly exit: ProcessExit;
}

export interface FuzzReport {
  readonly cases: number;
  readonly failures: number;
  readonly crashed: boolean;
  readonly rssRatio: number;
  readonly openFilesBefore: number;
  readonly openFilesAfter: number;
  readonly seconds: number;
  readonly byClass: Readonly<Record<string, { readonly cases: number; readonly failures: number }>>;
  /** how often each answer came */
  readonly answers: Readonly<Record<string, number>>;
  readonly healthy: HealthyReport;
  readonly aftermath: Aftermath;
  readonly failed: readonly CaseOutcome[];
}

/** Enough to see what is wrong. */
const SHOWN_FAILURES = 50;

export interface FuzzRun {
  readonly outcomes: readonly CaseOutcome[];
  readonly healthy: HealthyReport;
  readonly aftermath: Aftermath;
  readonly seconds: number;
}

export function fuzzReport({ outcomes, healthy, aftermath, seconds }: FuzzRun): FuzzReport {
  const failed = outcomes.filter(({ problem }) => problem !== null);
  const { before, after, exit } = aftermath;
  return {
    cases: outcomes.length,
    failures: failed.length + healthy.differences.length + aftermath.logErrors.length,
    crashed: exit.code !== 0,
    rssRatio: after.residentBytes / before.residentBytes,
    openFilesBefore: before.openFiles,
    openFilesAfter: after.openFiles,
    seconds,
    byClass: Object.fromEntries(
      FUZZ_CLASSES.map((name) => [name, countsOf(outcomes.filter((outcome) => outcome.class === name))]),
    ),
    answers: tally(outcomes.flatMap(({ answers: some }) => some)),
    healthy,
    aftermath,
    failed: failed.slice(0, SHOWN_FAILURES),
  };
}

function countsOf(outcomes: readonly CaseOutcome[]): { readonly cases: number; readonly failures: number } {
  return { cases: outcomes.length, failures: outcomes.filter(({ problem }) => problem !== null).length };
}

/** The report for people. */
export function fuzzText(report: FuzzReport, seed: number): string {
  const { aftermath, healthy } = report;
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  return [
    textTable(
      ['', 'cases', 'failures'],
      Object.entries(report.byClass).map(([name, { cases, failures }]) => [name, `${cases}`, `${failures}`]),
    ),
    '',
    textTable(['answer', 'times'], answerRows(report.answers)),
    '',
    `${report.cases} cases of seed ${seed} in ${report.seconds.toFixed(0)} s, ${report.failures} failures; the service ${report.crashed ? 'ended badly' : 'ended well'}`,
    `beside them ${healthy.streams} healthy streams and ${healthy.uploads} uploads, ${healthy.differences.length} with another text`,
    `resident ${mebibytes(aftermath.before.residentBytes)} before, ${mebibytes(aftermath.after.residentBytes)} after (${report.rssRatio.toFixed(3)}); open files ${report.openFilesBefore} before, ${report.openFilesAfter} after`,
    `afterwards ${aftermath.ready ? 'ready' : 'not ready'}, ${aftermath.openStreams} streams, ${aftermath.rowsInFlight} rows, ${aftermath.filesLeft.length} files left`,
    ...report.failed.map(failureLine),
    ...healthy.differences.slice(0, SHOWN_FAILURES).map((difference) => `FAILED beside: ${difference}`),
    ...aftermath.logErrors.slice(0, SHOWN_FAILURES).map((line) => `LOGGED ${line}`),
  ].join('\n');
}

/** The most frequent first; an object has its keys that look like numbers in front. */
function answerRows(answers: FuzzReport['answers']): readonly (readonly string[])[] {
  const sorted = Object.entries(answers).sort(([, some], [, others]) => others - some);
  return sorted.map(([answer, times]) => [answer, `${times}`]);
}

export function failureLine({ class: name, index, what, answers, problem }: CaseOutcome): string {
  return `FAILED ${name}, index ${index} (${what}): ${problem}; answers: ${answers.join(', ')}`;
}
