import type { Percentiles } from '../streams/percentiles.ts';
import { percent, textTable } from '../text-table.ts';
import type { CaptionReport } from './latency-report.ts';

/** The reports for people: a row for each number of streams. */
export function latencyText(reports: readonly CaptionReport[]): string {
  const rows = reports.map((one) => [
    `${one.streams}`,
    `${one.finals}`,
    `${one.lost}/${one.duplicated}/${one.outOfOrder}`,
    pair(one.firstPartialMs),
    pair(one.wordLagMs),
    percent(one.changedWords),
    pair(one.speechEndToFinalMs),
    pair(one.endpointToFinalMs),
    percent(one.withPartials),
    one.partialsPerUtterance.toFixed(1),
    one.cores.toFixed(2),
  ]);
  const header = [
    'streams',
    'finals',
    'lost/twice/disordered',
    'first partial',
    'word lag',
    'changed',
    'speech end to final',
    'endpoint to final',
    'with partials',
    'partials each',
    'cores',
  ];
  return `Times are medians / 95 % of all, in ms.\n\n${textTable(header, rows)}`;
}

function pair({ p50, p95 }: Percentiles): string {
  return p50 === null || p95 === null ? '-' : `${p50.toFixed(0)} / ${p95.toFixed(0)}`;
}
