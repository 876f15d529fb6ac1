import { compressionRatio } from '../../asr/decoding/guards.ts';
import { type Percentiles, percentiles } from '../benches/streams/percentiles.ts';
import type { Utterance } from '../corpora/corpus.ts';
import type { ResampleOptions } from '../metrics/bootstrap.ts';
import { type PairErrors, type Scores, scorePair, totalScores } from '../metrics/score.ts';
import type { Hypothesis } from './hypothesis.ts';

/** An utterance with what one system heard. */
export interface HeardUtterance {
  readonly utterance: Utterance;
  readonly hypothesis: Hypothesis;
  /** null: excluded */
  readonly errors: PairErrors | null;
}

/** How one system did on a set of utterances. */
export interface SystemScores extends Scores {
  /** utterances with any trip, of any attempt; null where the system does not tell */
  readonly guardTrips: number | null;
  /** texts that repeat themselves: they compress more than 2.4 times */
  readonly loops: number;
  /** utterances without a hypothesis */
  readonly missing: number;
  /** seconds of work over seconds of audio; NaN where nobody counts */
  readonly realTimeFactor: number;
  /** null offline */
  readonly latencyMs: Percentiles | null;
}

/** Whisper's own threshold for text that repeats itself. */
const MOST_COMPRESSION = 2.4;

export function heardUtterance(utterance: Utterance, hypothesis: Hypothesis): HeardUtterance {
  return { utterance, hypothesis, errors: scorePair({ reference: utterance.text, hypothesis: hypothesis.text }) };
}

export function systemScores(heard: readonly HeardUtterance[], options: ResampleOptions): SystemScores {
  const hypotheses = heard.map(({ hypothesis }) => hypothesis);
  const latencies = hypotheses.flatMap(({ latencyMs }) => latencyMs ?? []);
  const known = hypotheses.every(({ text, trips }) => text === null || trips !== null);
  return {
    ...totalScores(
      heard.map(({ errors }) => errors),
      options,
    ),
    guardTrips: known ? hypotheses.filter(({ trips }) => trips !== null && trips.length > 0).length : null,
    loops: hypotheses.filter(({ text }) => isLoop(text ?? '')).length,
    missing: hypotheses.filter(({ text }) => text === null).length,
    realTimeFactor: realTimeFactor(heard),
    latencyMs: latencies.length === 0 ? null : percentiles(latencies),
  };
}

export function isLoop(text: string): boolean {
  return compressionRatio(text) > MOST_COMPRESSION;
}

/** Of the utterances whose work was counted. */
function realTimeFactor(heard: readonly HeardUtterance[]): number {
  let [work, audio] = [0, 0];
  for (const { utterance, hypothesis } of heard) {
    if (hypothesis.seconds === null) continue;
    work += hypothesis.seconds;
    audio += utterance.durationSeconds;
  }
  return work / audio;
}
