import { textTable } from '../benches/text-table.ts';
import type { Comparison, EvalReport, PeerReport, SetReport } from './eval-report.ts';
import { changeTexts, DETAIL_COLUMNS, NONE, werText } from './score-texts.ts';
import type { SystemScores } from './system-scores.ts';

/** The report for people. */
export function evalText(report: EvalReport): string {
  return [
    'WER in % with 95 % intervals, normalised (case and punctuation removed). Change and p: adapter against base, where both heard.',
    '',
    'All utterances:',
    werTable(report.all, report.peers, 'all'),
    '',
    'Utterances whose text can have been said in the time:',
    werTable(report.spoken, report.peers, 'spoken'),
    '',
    'Of all utterances, in %:',
    detailTable(report),
    ...latencies(report),
  ].join('\n');
}

type SetName = 'all' | 'spoken';

/** A column of the table: what it says of a language, of the mean over languages, and of all as one corpus. */
interface Column {
  readonly title: string;
  readonly language: (language: string) => string;
  readonly macro: string;
  readonly pooled: string;
}

function werTable(set: SetReport, peers: EvalReport['peers'], name: SetName): string {
  const columns = [...ourColumns(set), ...Object.values(peers).map((peer) => peerColumn(peer, name))];
  const listed = Object.values(peers);
  const count = (language: string) =>
    countText(set.languages[language]?.base ?? set.languages[language]?.adapter ?? listed[0]?.[name].languages[language]);
  const languages = new Set([...Object.keys(set.languages), ...listed.flatMap((peer) => Object.keys(peer[name].languages))]);
  const rows = [...languages].map((language) => [
    language,
    count(language),
    ...columns.map((column) => column.language(language)),
  ]);
  const all = countText(set.pooled.base ?? set.pooled.adapter ?? listed[0]?.[name].pooled);
  return textTable(
    ['', 'utterances', ...columns.map(({ title }) => title)],
    [...rows, ['mean', '', ...columns.map(({ macro }) => macro)], ['pooled', all, ...columns.map(({ pooled }) => pooled)]],
  );
}

/** Only what was measured. */
function ourColumns({ languages, macro, pooled }: SetReport): readonly Column[] {
  const systems = (['base', 'adapter'] as const).filter((system) => pooled[system] !== undefined);
  const scores = systems.map(
    (system): Column => ({
      title: system,
      language: (language) => werText(languages[language]?.[system]),
      macro: werText(macro[system]),
      pooled: werText(pooled[system]),
    }),
  );
  if (systems.length < 2) return scores;
  const changes = (['change', 'p'] as const).map((title, index): Column => {
    const cell = (comparison: Comparison | null) => changeTexts(comparison)[index] as string;
    return {
      title,
      language: (language) => cell(languages[language]?.comparison ?? null),
      macro: cell(macro.comparison),
      pooled: cell(pooled.comparison),
    };
  });
  return [...scores, ...changes];
}

function peerColumn(peer: PeerReport, name: SetName): Column {
  const { languages, macro, pooled } = peer[name];
  return {
    title: peer.title,
    language: (language) => werText(languages[language]),
    macro: werText(macro),
    pooled: werText(pooled),
  };
}

function detailTable({ all, peers }: EvalReport): string {
  const rowsOf = (title: string, scores: SystemScores | undefined) =>
    scores === undefined ? [] : [[title, ...DETAIL_COLUMNS.map(({ text }) => text(scores))]];
  const languages = Object.entries(all.languages).flatMap(([language, { base, adapter }]) => [
    ...rowsOf(`${language} base`, base),
    ...rowsOf(`${language} adapter`, adapter),
    ...Object.values(peers).flatMap((peer) => rowsOf(`${language} ${peer.title}`, peer.all.languages[language])),
  ]);
  const pooled = [
    ...rowsOf('pooled base', all.pooled.base),
    ...rowsOf('pooled adapter', all.pooled.adapter),
    ...Object.values(peers).flatMap((peer) => rowsOf(`pooled ${peer.title}`, peer.all.pooled)),
  ];
  return textTable(['', ...DETAIL_COLUMNS.map(({ title }) => title)], [...languages, ...pooled]);
}

function latencies({ all: { pooled }, peers }: EvalReport): readonly string[] {
  const systems: readonly (readonly [string, SystemScores | undefined])[] = [
    ['base', pooled.base],
    ['adapter', pooled.adapter],
    ...Object.values(peers).map(({ title, all }) => [title, all.pooled] as const),
  ];
  const lines = systems.flatMap(([title, scores]) => {
    const latency = scores?.latencyMs;
    if (!latency) return [];
    const [p50, p95, max] = [latency.p50, latency.p95, latency.max].map((ms) => `${((ms ?? Number.NaN) / 1000).toFixed(2)} s`);
    return [`${title}: half within ${p50}, 95 % within ${p95}, all within ${max}`];
  });
  return lines.length === 0 ? [] : ['', 'From the end of an utterance to its text:', ...lines];
}

function countText(scores: SystemScores | undefined): string {
  return scores === undefined ? NONE : `${scores.utterances}`;
}
