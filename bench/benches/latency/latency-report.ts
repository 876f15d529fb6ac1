import { type Percentiles, percentiles } from '../streams/percentiles.ts';
import { judgeStream, type LatencyReport, latencyReport } from '../streams/stream-outcome.ts';
import { type StreamsMeasurement, streamsReport } from '../streams/streams-report.ts';
import { type CaptionedFinal, captionsOf } from './caption-outcome.ts';

/** How captions come with so many streams at once. */
export interface CaptionReport extends LatencyReport {
  readonly streams: number;
  readonly finals: number;
  /** recordings of which something has no final; finals that came twice; finals that did not come in their turn */
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  /** from the start of speech to the first words of an utterance that had partials */
  readonly firstPartialMs: Percentiles;
  /** from the end of a word in the audio to its first display where it stays */
  readonly wordLagMs: Percentiles;
  /** share of the words that partials showed, which changed later; and with case and punctuation */
  readonly changedWords: number;
  readonly rewrittenWords: number;
  readonly shownWords: number;
  /** share of utterances with words that had some before their final */
  readonly withPartials: number;
  readonly partialsPerUtterance: number;
  readonly realTimeFactor: number;
  readonly cores: number;
  readonly driverLagMs: Percentiles;
}

export function captionReport(measurement: StreamsMeasurement, streams: number): CaptionReport {
  const { lost, duplicated, outOfOrder, realTimeFactor, service, driver } = streamsReport(measurement);
  const finals = measurement.outcomes.flatMap((outcome) => judgeStream(outcome).finals);
  const captions = measurement.outcomes.flatMap(captionsOf);
  const spoken = captions.filter(({ firstWordMs }) => firstWordMs !== null);
  const shownWords = sum(captions, (one) => one.shownWords);
  const share = (count: number, all: number) => (all === 0 ? 0 : count / all);
  return {
    streams,
    finals: finals.length,
    lost,
    duplicated,
    outOfOrder,
    ...latencyReport(finals),
    firstPartialMs: percentiles(spoken.flatMap(({ hadPartial, firstWordMs }) => (hadPartial ? (firstWordMs ?? []) : []))),
    wordLagMs: percentiles(captions.flatMap(({ wordLagsMs }) => wordLagsMs).filter((lag) => !Number.isNaN(lag))),
    changedWords: share(
      sum(captions, (one) => one.changedWords),
      shownWords,
    ),
    rewrittenWords: share(
      sum(captions, (one) => one.rewrittenWords),
      shownWords,
    ),
    shownWords,
    withPartials: share(spoken.filter(({ hadPartial }) => hadPartial).length, spoken.length),
    partialsPerUtterance: share(
      sum(captions, (one) => one.partials),
      captions.length,
    ),
    realTimeFactor,
    cores: service.cores,
    driverLagMs: driver.lagMs,
  };
}

function sum(captions: readonly CaptionedFinal[], of: (one: CaptionedFinal) => number): number {
  return captions.reduce((total, one) => total + of(one), 0);
}
