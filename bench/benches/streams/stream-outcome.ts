import type { FinalMessage } from '../../../server/protocol/stream-messages.ts';
import { matchFinals, type SpokenRecording } from './match-finals.ts';
import { type Percentiles, percentiles } from './percentiles.ts';
import type { StreamRecord } from './stream-client.ts';

/** One stream after its end. */
export interface StreamOutcome {
  readonly language: string;
  readonly spoken: readonly SpokenRecording[];
  readonly record: StreamRecord;
  /** when that was sent which is spoken just before a place of the stream, by the clock that receives */
  readonly sentMs: (placeMs: number) => number;
}

/** What came of one stream, judged. */
export interface JudgedStream {
  readonly language: string;
  readonly recordings: number;
  /** ids of recordings of which something has no final */
  readonly lost: readonly string[];
  /** finals that came before, or of audio that had one */
  readonly duplicated: number;
  /** finals that did not come in their turn */
  readonly outOfOrder: number;
  /** utterances that began, and had neither final nor error */
  readonly unanswered: number;
  /** `finish` was answered */
  readonly finished: boolean;
  /** codes */
  readonly errors: readonly string[];
  readonly finals: readonly JudgedFinal[];
}

export interface JudgedFinal {
  readonly message: FinalMessage;
  /** null if nobody speaks in it */
  readonly speechEndToFinalMs: number | null;
}

export function judgeStream({ language, spoken, record, sentMs }: StreamOutcome): JudgedStream {
  const finals = record.finals.map(({ message, receivedMs }) => ({
    message,
    receivedMs,
    sequence: message.sequence,
    startMs: 1000 * message.start,
    endMs: 1000 * message.end,
  }));
  const { lost, duplicated, outOfOrder, matched } = matchFinals(spoken, finals);
  const failed = record.errors.filter(({ start }) => start !== null).length;
  return {
    language,
    recordings: spoken.length,
    lost,
    duplicated: duplicated.length,
    outOfOrder: outOfOrder.length,
    unanswered: Math.max(0, record.speechStarted - matched.length - failed),
    finished: record.closed?.reason === 'finish',
    errors: record.errors.map(({ code }) => code),
    finals: matched.map(({ final: { message, receivedMs }, speechEndMs }) => ({
      message,
      speechEndToFinalMs: speechEndMs === null ? null : receivedMs - sentMs(speechEndMs),
    })),
  };
}

export interface LatencyReport {
  /** from when the last sample of speech was sent */
  readonly speechEndToFinalMs: Percentiles;
  /** as the service tells it: from the end of the utterance, which is when its silence was long enough */
  readonly endpointToFinalMs: Percentiles;
}

/** Of finals that ended at a pause: those of `finish` and of 30 s have no silence to wait for. */
export function latencyReport(finals: readonly JudgedFinal[]): LatencyReport {
  const atPauses = finals.filter(({ message }) => message.ended_by === 'pause');
  return {
    speechEndToFinalMs: percentiles(atPauses.flatMap(({ speechEndToFinalMs }) => speechEndToFinalMs ?? [])),
    endpointToFinalMs: percentiles(atPauses.map(({ message }) => message.timings.total_ms)),
  };
}
