import type { Worker } from 'node:worker_threads';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { SileroReport, SileroRequest } from './silero-protocol.ts';
import { SileroSignal } from './silero-signal.ts';
import type { SignalId } from './window-turns.ts';

export interface SileroThreadOptions {
  readonly worker: Worker;
  readonly modelPath: string;
  readonly onReady: () => void;
  /** It ended without being closed; its signals have failed. */
  readonly onLost: (cause: FloraAsrError) => void;
}

/** A worker, and the signals that it judges. They end with it: only it had their memories. */
export class SileroThread {
  readonly #worker: Worker;
  readonly #signals = new Map<SignalId, SileroSignal>();
  readonly #ended: Promise<void>;
  #nextId = 1;
  #closing = false;
  #failure: FloraAsrError | null = null;

  constructor({ worker, modelPath, onReady, onLost }: SileroThreadOptions) {
    this.#worker = worker;
    worker.on('message', (report: SileroReport) => {
      if (report.kind === 'ready') onReady();
      else if (report.kind === 'judged') this.#signals.get(report.signal)?.settle(report.probabilities);
      else this.#failure = new FloraAsrError(report.code, report.message);
    });
    worker.on('error', (cause) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#failure = new FloraAsrError('engine_failed', `The voice activity detector failed: ${reason}`, { cause });
    });
    this.#ended = new Promise((resolve) => {
      worker.on('exit', (exitCode) => {
        resolve();
        if (this.#closing) return;
        const ended = `The voice activity detector ended with code ${exitCode}.`;
        const cause = this.#failure ?? new FloraAsrError('engine_failed', ended);
        this.#failAll(asEngineFailure(cause));
        onLost(cause);
      });
    });
    this.#post({ kind: 'open', modelPath });
  }

  open(): SileroSignal {
    const id = this.#nextId++ as SignalId;
    const signal = new SileroSignal({
      send: (windows) => this.#post({ kind: 'push', signal: id, windows }, [windows.buffer]),
      close: () => {
        this.#signals.delete(id);
        this.#post({ kind: 'drop', signal: id });
      },
    });
    this.#signals.set(id, signal);
    return signal;
  }

  /** Lets the worker finish the batch it is in; open pushes fail with `engine_closed` at once. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#failAll(detectorClosed());
    this.#post({ kind: 'close' });
    await this.#ended;
  }

  #post(request: SileroRequest, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #failAll(error: FloraAsrError): void {
    for (const signal of this.#signals.values()) signal.fail(error);
    this.#signals.clear();
  }
}

export function detectorClosed(): FloraAsrError {
  return new FloraAsrError('engine_closed', 'The voice activity detector was closed.');
}

function asEngineFailure(cause: FloraAsrError): FloraAsrError {
  if (cause.code === 'engine_failed') return cause;
  return new FloraAsrError('engine_failed', `The voice activity detector cannot start: ${cause.message}`, { cause });
}
