import { percent, textTable } from '../text-table.ts';
import type { Percentiles } from './percentiles.ts';
import type { StreamsReport } from './streams-report.ts';

/** The report for people. */
export function streamsText(report: StreamsReport): string {
  const { utterances, service, driver, perLanguage } = report;
  const languages = perLanguage.map((one) => [
    one.language,
    `${one.streams}`,
    `${one.recordings}`,
    `${one.finals}`,
    `${one.lost}`,
    whole(one.speechEndToFinalMs.p50),
    whole(one.speechEndToFinalMs.p95),
    one.adapters.map((name) => name ?? 'base').join(' '),
  ]);
  return [
    `Finals: ${utterances.finals} of ${utterances.recordings} recordings; lost ${report.lost}, ` +
      `duplicated ${report.duplicated}, out of order ${report.outOfOrder}` +
      `${mishaps(report)}`,
    `End of speech to final:  ${latency(report.speechEndToFinalMs)}`,
    `Endpoint to final:       ${latency(report.endpointToFinalMs)}`,
    `  of this, waiting:      ${latency(utterances.timings.waitMs)}`,
    `  encoder:               ${latency(utterances.timings.encodeMs)}`,
    `  decoder:               ${latency(utterances.timings.decodeMs)}`,
    `Service: ${report.realTimeFactor.toFixed(3)} s of CPU for a second of audio, ${service.cores.toFixed(2)} cores busy`,
    engineLine(report),
    `Where the engine's time went: ${Object.entries(service.stageShares)
      .map(([stage, share]) => `${stage} ${percent(share)}`)
      .join(', ')}`,
    residentLine(report),
    `Driver: frames late by ${latency(driver.lagMs)}, ${driver.cores.toFixed(2)} cores busy`,
    '',
    textTable(['', 'streams', 'recordings', 'finals', 'lost', 'p50 ms', 'p95 ms', 'adapters'], languages),
  ].join('\n');
}

/** What ought to be nothing, where it is something. */
function mishaps({ utterances: { unanswered, unfinishedStreams, errors, withoutText, withoutSpeech } }: StreamsReport): string {
  const found = [
    ...(unanswered > 0 ? [`unanswered ${unanswered}`] : []),
    ...(unfinishedStreams > 0 ? [`streams cut off ${unfinishedStreams}`] : []),
    ...(withoutText > 0 ? [`without text ${withoutText}`] : []),
    ...(withoutSpeech > 0 ? [`without speech ${withoutSpeech}`] : []),
    ...Object.entries(errors).map(([code, count]) => `${code} ${count}`),
  ];
  return found.map((text) => `; ${text}`).join('');
}

function engineLine({ rowsPerEncodeBatch, rowsPerDecodeStep, mixedBatches, mixedSteps, service }: StreamsReport): string {
  return (
    `Batches: ${rowsPerEncodeBatch.toFixed(1)} rows in the encoder (${percent(mixedBatches)} of them mixed), ` +
    `${rowsPerDecodeStep.toFixed(1)} in a decoder step (${percent(mixedSteps)} mixed), ` +
    `${percent(service.engine?.paddingWaste ?? 0)} of the encoder's positions padding`
  );
}

function residentLine({ resident: { start, atFiveMinutes, end, most, ratio } }: StreamsReport): string {
  const between = atFiveMinutes === null ? '' : `, ${whole(atFiveMinutes)} after 5 minutes`;
  const grown = ratio === null ? '' : ` (${(100 * (ratio - 1)).toFixed(1)} % above it)`;
  return `Resident: ${whole(start)} MiB at the start${between}, ${whole(end)} at the end${grown}, ${whole(most)} at most`;
}

function latency({ p50, p95, max }: Percentiles): string {
  return `p50 ${whole(p50)} ms, p95 ${whole(p95)} ms, at most ${whole(max)} ms`;
}

function whole(value: number | null): string {
  return value === null ? '-' : value.toFixed(0);
}
