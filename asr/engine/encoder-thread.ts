import type { Worker } from 'node:worker_threads';
import type { Adapter } from '../../adapters/adapter.ts';
import type { Encoder, EncoderJob, Encoding } from './encoder.ts';
import type { EncoderReport, EncoderRequest } from './encoder-protocol.ts';
import type { EncoderPlan } from './open-model.ts';
import { fromPlainError } from './plain-error.ts';

type Answer = Exclude<EncoderReport, { kind: 'failed' }>;

interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * An encoder in a thread of its own. If that thread is lost, so is everything: the error goes uncaught, as the worker's did,
 * and ends the thread that owns this.
 */
export class EncoderThread implements Encoder {
  readonly #worker: Worker;
  readonly #asked: Asked[] = [];
  readonly #ended: Promise<void>;
  #closing = false;

  /** @throws FloraAsrError `engine_failed` */
  static async open(worker: Worker, plan: EncoderPlan): Promise<EncoderThread> {
    const thread = new EncoderThread(worker);
    try {
      await thread.#ask({ kind: 'open', plan });
    } catch (error) {
      await thread.close();
      throw error;
    }
    return thread;
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (report: EncoderReport) => {
      const asked = this.#asked.shift();
      if (report.kind === 'failed') asked?.reject(fromPlainError(report.error));
      else asked?.resolve(report);
    });
    this.#ended = new Promise((resolve) => {
      worker.on('exit', (exitCode) => {
        resolve();
        if (!this.#closing) throw new Error(`The encoder's thread ended with code ${exitCode}.`);
      });
    });
  }

  writeSlot(slot: number, adapter: Adapter | null): void {
    this.#post({ kind: 'write-slot', slot, adapter });
  }

  async encode(jobs: readonly EncoderJob[]): Promise<Encoding> {
    const answer = await this.#ask({ kind: 'encode', jobs });
    if (answer.kind !== 'encoded') throw new Error(`The encoder's thread answers "${answer.kind}" to a batch.`);
    return answer.encoding;
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#post({ kind: 'close' });
    await this.#ended;
  }

  async #ask(request: EncoderRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#post(request);
    });
  }

  #post(request: EncoderRequest): void {
    this.#worker.postMessage(request);
  }
}
