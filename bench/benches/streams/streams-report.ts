import { statsSince } from '../../../asr/engine/engine-stats.ts';
import { type EngineFigures, engineFigures, type StageTable } from '../engine-figures.ts';
import { type Percentiles, percentiles } from './percentiles.ts';
import { type ResidentReport, residentReport } from './resident-report.ts';
import type { ServiceReading } from './service-protocol.ts';
import {
  type JudgedFinal,
  type JudgedStream,
  judgeStream,
  type LatencyReport,
  latencyReport,
  type StreamOutcome,
} from './stream-outcome.ts';

/** The service, so long after playing began. */
export interface TimedReading extends ServiceReading {
  readonly atSeconds: number;
}

export interface StreamsMeasurement {
  readonly outcomes: readonly StreamOutcome[];
  /** in order: the first before any audio, the last after every stream has ended */
  readonly readings: readonly [TimedReading, ...TimedReading[]];
  /** until when audio came */
  readonly playedSeconds: number;
  /** of all streams together */
  readonly audioSeconds: number;
  readonly driver: { readonly lagsMs: readonly number[]; readonly cpuSeconds: number };
}

export interface StreamsReport extends LatencyReport {
  /** recordings of which something has no final; finals that came twice; finals that did not come in their turn */
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  /** resident size at the end over that at 5 minutes; null for runs below 10 minutes */
  readonly residentRatio: number | null;
  /** batch fill: rows of an encoder's batch, and of a decoder's step */
  readonly rowsPerEncodeBatch: number;
  readonly rowsPerDecodeStep: number;
  /** share whose rows have more than one adapter, which with an adapter a language is more than one language */
  readonly mixedBatches: number;
  readonly mixedSteps: number;
  /** seconds of CPU for a second of audio, of the whole service */
  readonly realTimeFactor: number;

  readonly utterances: UtteranceReport;
  readonly perLanguage: readonly LanguageReport[];
  readonly service: ServiceReport;
  readonly resident: ResidentReport;
  /** a driver that lags measures itself */
  readonly driver: { readonly lagMs: Percentiles; readonly cores: number };
}

export interface UtteranceReport {
  readonly recordings: number;
  readonly finals: number;
  readonly lostRecordings: readonly string[];
  /** utterances that began, and had neither final nor error */
  readonly unanswered: number;
  /** streams whose `finish` was not answered */
  readonly unfinishedStreams: number;
  /** by code */
  readonly errors: Readonly<Record<string, number>>;
  readonly endedBy: Readonly<Record<string, number>>;
  readonly withoutText: number;
  /** finals of audio in which nobody speaks */
  readonly withoutSpeech: number;
  readonly seconds: Percentiles;
  /** parts of `endpointToFinalMs` */
  readonly timings: Readonly<Record<'waitMs' | 'encodeMs' | 'decodeMs', Percentiles>>;
}

export interface LanguageReport extends LatencyReport {
  readonly language: string;
  readonly streams: number;
  readonly recordings: number;
  readonly finals: number;
  readonly lost: number;
  /** that its finals name; null is the base model */
  readonly adapters: readonly (string | null)[];
}

export interface ServiceReport {
  readonly audioSeconds: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** that were busy on average */
  readonly cores: number;
  /** null before it did anything */
  readonly engine: EngineFigures | null;
  /** what of the time the engine was at each stage; the encoder's run beside the decoder's, so they may be more than 1 together */
  readonly stageShares: Readonly<Record<string, number>>;
}

export function streamsReport(measurement: StreamsMeasurement): StreamsReport {
  const { outcomes, readings, playedSeconds, driver } = measurement;
  const streams = outcomes.map(judgeStream);
  const finals = streams.flatMap((stream) => stream.finals);
  const service = serviceReport(measurement, finals.length);
  const resident = residentReport(readings, playedSeconds);
  return {
    lost: sum(streams, ({ lost }) => lost.length),
    duplicated: sum(streams, ({ duplicated }) => duplicated),
    outOfOrder: sum(streams, ({ outOfOrder }) => outOfOrder),
    ...latencyReport(finals),
    residentRatio: resident.ratio,
    rowsPerEncodeBatch: service.engine?.rowsPerEncodeBatch ?? 0,
    rowsPerDecodeStep: service.engine?.rowsPerDecodeStep ?? 0,
    mixedBatches: service.engine?.mixedBatches ?? 0,
    mixedSteps: service.engine?.mixedSteps ?? 0,
    realTimeFactor: service.cpuSeconds / service.audioSeconds,
    utterances: utteranceReport(streams, finals),
    perLanguage: languageReports(streams),
    service,
    resident,
    driver: { lagMs: percentiles(driver.lagsMs), cores: driver.cpuSeconds / service.wallSeconds },
  };
}

function utteranceReport(streams: readonly JudgedStream[], finals: readonly JudgedFinal[]): UtteranceReport {
  const messages = finals.map(({ message }) => message);
  return {
    recordings: sum(streams, ({ recordings }) => recordings),
    finals: finals.length,
    lostRecordings: streams.flatMap(({ lost }) => lost),
    unanswered: sum(streams, ({ unanswered }) => unanswered),
    unfinishedStreams: streams.filter(({ finished }) => !finished).length,
    errors: counts(streams.flatMap(({ errors }) => errors)),
    endedBy: counts(messages.map(({ ended_by: endedBy }) => endedBy)),
    withoutText: messages.filter(({ text }) => text.trim() === '').length,
    withoutSpeech: finals.filter(({ speechEndToFinalMs }) => speechEndToFinalMs === null).length,
    seconds: percentiles(messages.map(({ start, end }) => end - start)),
    timings: {
      waitMs: percentiles(messages.map(({ timings }) => timings.wait_ms)),
      encodeMs: percentiles(messages.map(({ timings }) => timings.encode_ms)),
      decodeMs: percentiles(messages.map(({ timings }) => timings.decode_ms)),
    },
  };
}

function languageReports(streams: readonly JudgedStream[]): readonly LanguageReport[] {
  return [...new Set(streams.map(({ language }) => language))].map((language) => {
    const own = streams.filter((stream) => stream.language === language);
    const finals = own.flatMap((stream) => stream.finals);
    return {
      language,
      streams: own.length,
      recordings: sum(own, ({ recordings }) => recordings),
      finals: finals.length,
      lost: sum(own, ({ lost }) => lost.length),
      ...latencyReport(finals),
      adapters: [...new Set(finals.map(({ message }) => message.adapter?.name ?? null))],
    };
  });
}

function serviceReport({ readings, audioSeconds }: StreamsMeasurement, utterances: number): ServiceReport {
  const [first] = readings;
  const last = readings.at(-1) ?? first;
  const [wallSeconds, cpuSeconds] = [last.atSeconds - first.atSeconds, last.cpuSeconds - first.cpuSeconds];
  const stats = statsSince(last.stats, first.stats);
  const engine =
    utterances === 0
      ? null
      : engineFigures([{ utterances, audioSeconds, tokens: stats.decodedTokens, seconds: wallSeconds, stats }]);
  return {
    audioSeconds,
    wallSeconds,
    cpuSeconds,
    cores: cpuSeconds / wallSeconds,
    engine,
    stageShares: engine === null ? {} : stageShares(engine.msPerUtterance),
  };
}

function stageShares({ whole, ...stages }: StageTable): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(stages).map(([stage, ms]) => [stage, ms / whole]));
}

function counts(names: readonly string[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const name of names) found[name] = (found[name] ?? 0) + 1;
  return found;
}

function sum<Item>(items: readonly Item[], sizeOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + sizeOf(item), 0);
}
