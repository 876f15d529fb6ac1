import type { EngineStats } from '../../asr/engine/engine-stats.ts';
import type { RuntimeDescription } from '../../asr/engine/open-model.ts';
import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { ErrorCode } from '../../kernels/errors.ts';

/** Which door something came through. */
export type ProtocolName = 'rest' | 'stream' | 'deepgram' | 'realtime';

/** What an operator sees. Never text or audio, never a key. */
export interface Metrics {
  /** An utterance has its words. */
  recognised(what: RecognisedUtterance): void;
  /** Something was refused, or an utterance failed. */
  refused(protocol: ProtocolName, code: ErrorCode): void;
  requestStarted(): void;
  requestEnded(what: { readonly route: string; readonly status: number; readonly durationMs: number }): void;
  streamOpened(): void;
  /** What was opened goes on with a stream that is open already. */
  streamMerged(): void;
  /** how many are open without a connection now */
  streamsDetached(count: number): void;
  partial(what: { readonly protocol: ProtocolName; readonly told: boolean }): void;
  streamClosed(what: ClosedStream): void;
  /** read at each scrape; null before the engine runs */
  watch(readings: () => Promise<EngineReadings | null>): void;
  /** Prometheus' text format. */
  exposition(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface RecognisedUtterance {
  readonly protocol: ProtocolName;
  readonly language: string;
  readonly audioMs: number;
  readonly result: RecognitionResult;
  /** from the end of the utterance to its words */
  readonly endToFinalMs: number;
}

export interface ClosedStream {
  readonly protocol: ProtocolName;
  readonly reason: string;
  /** that was received, on one channel */
  readonly audioMs: number;
}

export interface EngineReadings {
  /** what runs; not told if left out */
  readonly model?: { readonly name: string; readonly runtime: RuntimeDescription };
  readonly stats: EngineStats;
  readonly rowsInFlight: number;
  readonly rowsWaiting: number;
}
