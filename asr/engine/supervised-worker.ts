import type { Worker } from 'node:worker_threads';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { RuntimeDescription } from './open-model.ts';
import { fromPlainError } from './plain-error.ts';
import type { WorkerReport, WorkerRequest } from './worker-protocol.ts';

export interface SupervisedWorkerOptions {
  readonly startWorker: () => Worker;
  /** what a new worker is told first: the model, then all state that a lost one had */
  readonly replay: () => readonly WorkerRequest[];
  readonly onReport: (report: Exclude<WorkerReport, { kind: 'ready' | 'open-failed' }>) => void;
  /** The worker was lost; a new one is being started. Called before `replay`. */
  readonly onCrash: (cause: FloraAsrError) => void;
  /** There is no worker any more, and there will be none. */
  readonly onGivenUp: (cause: FloraAsrError) => void;
}

/** Crashes in a row, without any report of work between them, before it is given up. */
const MOST_CRASHES = 3;

/** A worker thread that is started again when it is lost. */
export class SupervisedWorker {
  readonly #options: SupervisedWorkerOptions;
  #worker: Worker | null = null;
  #crashes = 0;
  #closing = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: SupervisedWorkerOptions) {
    this.#options = options;
  }

  /** Resolves when the worker is ready. @throws FloraAsrError what keeps it from opening the model */
  async start(): Promise<RuntimeDescription> {
    return new Promise((resolve, reject) => this.#launch({ resolve, reject }));
  }

  /** Requests to a lost worker are dropped: its successor learns everything by `replay`. */
  post(request: WorkerRequest): void {
    this.#worker?.postMessage(request);
  }

  /** Lets the worker finish the batch it is in. */
  async close(): Promise<void> {
    this.#closing = true;
    this.post({ kind: 'close' });
    await this.#ended;
  }

  #launch(opening: { resolve: (runtime: RuntimeDescription) => void; reject: (error: FloraAsrError) => void }): void {
    const worker = this.#options.startWorker();
    this.#worker = worker;
    let failure: FloraAsrError | null = null;
    let refused = false;
    worker.on('message', (report: WorkerReport) => {
      if (report.kind === 'ready') return opening.resolve(report.runtime);
      if (report.kind === 'open-failed') {
        refused = true;
        return opening.reject(fromPlainError(report.error));
      }
      if (report.kind === 'result') this.#crashes = 0;
      this.#options.onReport(report);
    });
    worker.on('error', (cause) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      failure = new FloraAsrError('engine_failed', `The engine's worker failed: ${reason}`, { cause });
    });
    this.#ended = new Promise((resolve) => {
      worker.on('exit', (exitCode) => {
        this.#worker = null;
        resolve();
        if (this.#closing || refused) return;
        this.#recover(
          failure ?? new FloraAsrError('engine_failed', `The engine's worker ended with code ${exitCode}.`),
          opening.reject,
        );
      });
    });
    for (const request of this.#options.replay()) worker.postMessage(request);
  }

  #recover(cause: FloraAsrError, rejectOpening: (error: FloraAsrError) => void): void {
    this.#crashes += 1;
    this.#options.onCrash(cause);
    if (this.#crashes >= MOST_CRASHES) {
      rejectOpening(cause);
      return this.#options.onGivenUp(cause);
    }
    // a promise that was resolved before ignores what comes now
    this.#launch({
      resolve: () => undefined,
      reject: (error) => {
        rejectOpening(error);
        this.#options.onGivenUp(error);
      },
    });
  }
}
