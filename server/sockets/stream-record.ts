import type { Logger } from 'pino';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { type ErrorCode, FloraAsrError } from '../../kernels/errors.ts';
import { describeError } from '../describe-error.ts';
import type { ProtocolName } from '../observability/metrics.ts';
import type { Service } from '../service.ts';

/** How a stream ended; `gone`: its client left without saying that it has finished; `expired`: and did not come back. */
export interface StreamOutcome {
  readonly reason: 'finish' | 'drain' | 'error' | 'gone' | 'expired';
  readonly code?: ErrorCode;
}

/** What was lost: of one channel, or of all. */
export interface LostAudio {
  readonly channel: number | null;
  readonly startMs: number;
  readonly endMs: number;
}

export interface StreamRecordOptions {
  readonly protocol: ProtocolName;
  readonly metrics: Service['metrics'];
  /** one that names the stream and its client */
  readonly log: Logger;
}

export interface RecordedSettings {
  readonly channels: number;
  /** for the log */
  readonly settings: Readonly<Record<string, unknown>>;
}

type Outcome = Extract<SpeechEvent, { kind: 'final' | 'failed' }>;

/** What happened in one stream: for its own events, for metrics and for the log. Never what was said. */
export class StreamRecord {
  readonly #options: StreamRecordOptions;
  #settings: Readonly<Record<string, unknown>> = {};
  #finals = 0;
  /** where the last event of each channel ended */
  #answeredMs: number[] = [];

  constructor(options: StreamRecordOptions) {
    this.#options = options;
    options.metrics.streamOpened();
  }

  get finals(): number {
    return this.#finals;
  }

  started({ channels, settings }: RecordedSettings): void {
    this.#settings = settings;
    this.#answeredMs = Array.from({ length: channels }, () => 0);
    this.#options.log.info(settings, 'stream opened');
  }

  answered(event: Outcome): void {
    this.#answeredMs[event.channel] = event.endMs;
    if (event.kind === 'failed') return this.refused(event.error);
    this.#finals += 1;
    const { language, result, startMs, endMs, endToFinalMs } = event;
    const { protocol, metrics } = this.#options;
    metrics.recognised({ protocol, language, audioMs: endMs - startMs, result, endToFinalMs });
  }

  /** @param told or left out, because what was sent before lies unread */
  partial(told: boolean): void {
    const { protocol, metrics } = this.#options;
    metrics.partial({ protocol, told });
  }

  /** Its connection is lost, and it goes on. */
  detached(audioMs: number): void {
    this.#options.log.info({ audioMs: Math.round(audioMs), finals: this.#finals }, 'stream detached');
  }

  /** It has a connection again. */
  resumed(): void {
    this.#options.log.info('stream resumed');
  }

  /** What opened this goes on with another stream, which has a record of its own. */
  merged(): void {
    this.#options.metrics.streamMerged();
  }

  refused(error: unknown): void {
    const { protocol, metrics, log } = this.#options;
    const { code, status } = describeError(error);
    metrics.refused(protocol, code);
    // failures of the service itself, which its operator has to hear of
    if (status === 500) log.error({ err: error, code }, 'stream failed');
    else log.debug({ code, param: error instanceof FloraAsrError ? error.param : null }, 'error told');
  }

  /** What has had no event yet; null if all has. */
  unanswered(receivedMs: number): LostAudio | null {
    const startMs = Math.min(...this.#answeredMs);
    return startMs < receivedMs ? { channel: null, startMs, endMs: receivedMs } : null;
  }

  closed({ reason, code }: StreamOutcome, audioMs: number): void {
    const { protocol, metrics, log } = this.#options;
    metrics.streamClosed({ protocol, reason, audioMs });
    log.info({ ...this.#settings, audioMs: Math.round(audioMs), finals: this.#finals, reason, code }, 'stream closed');
  }
}
