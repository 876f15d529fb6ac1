import type { Logger } from 'pino';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { type ErrorCode, FloraAsrError } from '../../kernels/errors.ts';
import { describeError } from '../describe-error.ts';
import type { StartMessage } from '../protocol/stream-messages.ts';
import type { Service } from '../service.ts';
import type { LostAudio } from './event-message.ts';

/** How a stream ended; `gone`: its client left without `finish`. */
export interface StreamOutcome {
  readonly reason: 'finish' | 'drain' | 'error' | 'gone';
  readonly code?: ErrorCode;
}

/** What happened in one stream: for its own events, for metrics and for the log. Never what was said. */
export class StreamRecord {
  readonly #metrics: Service['metrics'];
  readonly #log: Logger;
  #start: StartMessage | null = null;
  #finals = 0;
  /** where the last event of each channel ended */
  #answeredMs: number[] = [];

  /** @param log one that names the stream and its client */
  constructor({ metrics, log }: { readonly metrics: Service['metrics']; readonly log: Logger }) {
    this.#metrics = metrics;
    this.#log = log;
    metrics.streamOpened();
  }

  get finals(): number {
    return this.#finals;
  }

  started(start: StartMessage): void {
    this.#start = start;
    this.#answeredMs = Array.from({ length: start.channels }, () => 0);
    this.#log.info(settingsOf(start), 'stream opened');
  }

  answered(event: Extract<SpeechEvent, { kind: 'final' | 'failed' }>): void {
    this.#answeredMs[event.channel] = event.endMs;
    if (event.kind === 'failed') return this.refused(event.error);
    this.#finals += 1;
    const { result, startMs, endMs, endToFinalMs } = event;
    const language = this.#start?.language ?? 'und';
    this.#metrics.recognised({ protocol: 'stream', language, audioMs: endMs - startMs, result, endToFinalMs });
  }

  refused(error: unknown): void {
    const { code, status } = describeError(error);
    this.#metrics.refused('stream', code);
    // failures of the service itself, which its operator has to hear of
    if (status === 500) this.#log.error({ err: error, code }, 'stream failed');
    else this.#log.debug({ code, param: error instanceof FloraAsrError ? error.param : null }, 'error told');
  }

  /** What has had no event yet; null if all has. */
  unanswered(receivedMs: number): LostAudio | null {
    const startMs = Math.min(...this.#answeredMs);
    return startMs < receivedMs ? { channel: null, startMs, endMs: receivedMs } : null;
  }

  closed({ reason, code }: StreamOutcome, audioMs: number): void {
    this.#metrics.streamClosed({ reason, audioMs });
    const settings = this.#start === null ? {} : settingsOf(this.#start);
    this.#log.info({ ...settings, audioMs: Math.round(audioMs), finals: this.#finals, reason, code }, 'stream closed');
  }
}

function settingsOf({ language, encoding, sample_rate: sampleRateHz, channels }: StartMessage) {
  return { language, encoding, sampleRateHz, channels };
}
