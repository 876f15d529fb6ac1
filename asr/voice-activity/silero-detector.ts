import type { Worker } from 'node:worker_threads';
import type { FloraAsrError } from '../../kernels/errors.ts';
import { startWorker, workerEntry } from '../process/start-worker.ts';
import { SileroSignal } from './silero-signal.ts';
import { detectorClosed, SileroThread } from './silero-thread.ts';
import { findSileroModel } from './silero-weights.ts';
import type { VoiceDetector, VoiceSignal } from './voice-detector.ts';

export interface SileroDetectorOptions {
  /** where Silero VAD v6 lies, if not where npm put it */
  readonly modelPath?: string;
  /** The worker was lost, and its signals failed; the next signal to be opened starts another. */
  readonly onLost?: (cause: FloraAsrError) => void;
  /** for tests */
  readonly startWorker?: () => Worker;
}

interface Opening {
  readonly resolve: () => void;
  readonly reject: (error: FloraAsrError) => void;
}

/**
 * Starts Silero VAD v6 in a worker thread; signals share its batches.
 * @throws FloraAsrError `weights_not_found`, `weights_corrupt`, `engine_failed`
 */
export async function startSileroDetector(options: SileroDetectorOptions = {}): Promise<VoiceDetector> {
  const detector = new SileroDetector(options);
  await detector.start();
  return detector;
}

/** Signals that were open when a worker was lost fail; those that are opened later get another worker. */
class SileroDetector implements VoiceDetector {
  readonly #modelPath: string;
  readonly #startWorker: () => Worker;
  readonly #onLost: (cause: FloraAsrError) => void;
  /** null once it is lost, until it is needed again: so no crash starts another by itself */
  #thread: SileroThread | null = null;
  #closed = false;

  constructor(options: SileroDetectorOptions) {
    const entry = workerEntry('silero-worker', import.meta.url);
    this.#modelPath = options.modelPath ?? findSileroModel();
    this.#startWorker = options.startWorker ?? (() => startWorker(entry));
    this.#onLost = options.onLost ?? (() => undefined);
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#thread = this.#launch({ resolve, reject });
    });
  }

  open(): VoiceSignal {
    if (this.#closed) return closedSignal();
    this.#thread ??= this.#launch(null);
    return this.#thread.open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread?.close();
  }

  #launch(opening: Opening | null): SileroThread {
    let starting = opening;
    return new SileroThread({
      worker: this.#startWorker(),
      modelPath: this.#modelPath,
      onReady: () => {
        starting?.resolve();
        starting = null;
      },
      onLost: (cause) => {
        this.#thread = null;
        if (starting === null) this.#onLost(cause);
        else starting.reject(cause);
      },
    });
  }
}

function closedSignal(): SileroSignal {
  const signal = new SileroSignal({ send: () => undefined, close: () => undefined });
  signal.fail(detectorClosed());
  return signal;
}
