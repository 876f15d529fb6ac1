import { MessageChannel, Worker } from 'node:worker_threads';

export interface MortalWorker {
  readonly worker: Worker;
  /**
   * The worker ends between two batches, by an uncaught error. `terminate()` will not do: in the middle of a run it
   * makes onnxruntime's addon throw where nobody catches, and the whole process goes.
   */
  kill(): void;
}

/** The engine's own worker, with a second port by which it can be killed. */
export function startMortalWorker(): MortalWorker {
  const entry = new URL('../../asr/engine/engine-worker.ts', import.meta.url);
  const { port1: ours, port2: theirs } = new MessageChannel();
  const source = `
    const { workerData } = require('node:worker_threads');
    workerData.on('message', () => { throw new Error('killed'); });
    workerData.unref();
    import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => {
      register();
      return import(${JSON.stringify(entry.href)});
    });`;
  const worker = new Worker(source, { eval: true, execArgv: [], workerData: theirs, transferList: [theirs] });
  worker.on('exit', () => ours.close());
  return { worker, kill: () => ours.postMessage('end') };
}

/** A worker that ends as soon as it begins. */
export function startDeadWorker(): Worker {
  return new Worker('process.exit(3)', { eval: true });
}
