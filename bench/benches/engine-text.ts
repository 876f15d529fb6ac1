import type { StageTable } from './engine-figures.ts';
import type { ComputeTypeReport, EngineReport, Spread, SystemReport } from './engine-report.ts';
import { percent, textTable } from './text-table.ts';

/** The report for people. */
export function engineText(report: EngineReport): string {
  const peers = [report.fasterWhisper, ...(report.fasterWhisperBatched === null ? [] : [report.fasterWhisperBatched])];
  const systems = [...report.ours.flatMap(({ withAdapters, withoutAdapters }) => [withAdapters, withoutAdapters]), ...peers];
  const header = ['', 'utterances/s', 'min-max', 'real time', 'tokens', 'utterances', 'rounds'];
  return [
    textTable(header, systems.map(throughputCells)),
    '',
    ...report.ours.flatMap(comparisonLines),
    '',
    'Milliseconds an utterance:',
    stageText(systems),
  ].join('\n');
}

function throughputCells(system: SystemReport): readonly string[] {
  const { min, median, max } = system.utterancesPerSecond;
  return [
    system.name,
    median.toFixed(2),
    `${min.toFixed(2)}-${max.toFixed(2)}`,
    system.realTimeFactor.toFixed(3),
    system.tokensPerUtterance.toFixed(1),
    `${system.utterances}`,
    `${system.rounds}`,
  ];
}

function comparisonLines(ours: ComputeTypeReport): readonly string[] {
  const { computeType, ratioToFasterWhisper, ratioToFasterWhisperBatched, adapterCost, withAdapters } = ours;
  const batched =
    ratioToFasterWhisperBatched === null ? '' : `, ${ratioToFasterWhisperBatched.toFixed(2)} x its batched pipeline`;
  const lines = [
    `${computeType}: ${spread(ratioToFasterWhisper, (ratio) => ratio.toFixed(2))} x faster-whisper${batched}`,
    `${computeType}: adapters cost ${spread(adapterCost, percent)} more time`,
  ];
  const figures = withAdapters.engine;
  if (figures === null) return lines;
  return [
    ...lines,
    `${computeType}: ${figures.rowsPerEncodeBatch.toFixed(1)} rows an encoder batch (${percent(figures.mixedBatches)} of them mixed), ` +
      `${figures.rowsPerDecodeStep.toFixed(1)} a decoder step (${percent(figures.mixedSteps)} mixed), ` +
      `${percent(figures.paddingWaste)} of the encoder's positions padding`,
  ];
}

/** Stages down, systems across. */
function stageText(systems: readonly SystemReport[]): string {
  const ours = systems.flatMap(({ name, engine }) => (engine === null ? [] : [{ name, stages: engine.msPerUtterance }]));
  const rows = Object.entries(STAGES).map(([stage, title]) => [
    title,
    ...ours.map(({ stages }) => stages[stage as keyof StageTable].toFixed(2)),
  ]);
  return textTable(['', ...ours.map(({ name }) => name)], rows);
}

const STAGES: Readonly<Record<keyof StageTable, string>> = {
  features: 'features',
  encode: 'encoder, with cross keys and values',
  join: 'copies into the pools',
  decode: 'decoder',
  append: 'copies into the caches',
  script: 'rules, text, scheduling',
  idle: 'waiting',
  whole: 'an utterance',
};

function spread({ min, median, max }: Spread, format: (value: number) => string): string {
  return `${format(median)} (${format(min)} to ${format(max)})`;
}
