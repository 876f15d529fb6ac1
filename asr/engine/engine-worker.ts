import { parentPort } from 'node:worker_threads';
import { startWorker, workerEntry } from '../process/start-worker.ts';
import { BatchLoop, type Progress } from './batch-loop.ts';
import type { Encoder } from './encoder.ts';
import { EncoderThread } from './encoder-thread.ts';
import { limitsFor, type ModelPlan } from './model-plan.ts';
import { type OpenModel, openEncoder, openModel } from './open-model.ts';
import { plainError } from './plain-error.ts';
import type { WorkerReport, WorkerRequest } from './worker-protocol.ts';

/*
 * The thread of the batch, and of the decoder; the encoder is in another where that is quicker. A run blocks it, so
 * requests are collected while it computes and taken between two batches: nothing changes the bank or the rows while a
 * graph runs.
 */

if (parentPort === null) throw new Error('engine-worker.ts is started by the engine, as a worker thread.');
const port = parentPort;
const inbox: WorkerRequest[] = [];
let wake: (() => void) | null = null;
let encoder: Encoder | null = null;

port.on('message', (request: WorkerRequest) => {
  inbox.push(request);
  wake?.();
});

// a thread that ends while another that it started runs a graph takes the whole process with it
process.once('uncaughtException', (error) => {
  // nor may a second error end it meanwhile
  const ignore = () => undefined;
  process.on('uncaughtException', ignore);
  const quiet = encoder?.close() ?? Promise.resolve();
  void quiet.finally(() => {
    process.off('uncaughtException', ignore);
    throw error;
  });
});

function report(message: WorkerReport): void {
  port.postMessage(message);
}

async function main(): Promise<void> {
  const first = await nextRequest();
  if (first.kind !== 'open') throw new Error(`The first request to a worker is "open", not "${first.kind}".`);
  const opened = await open(first.plan);
  if (opened === null) return port.close();
  const loop = batchLoop(first.plan, opened);
  report({ kind: 'ready', runtime: opened.runtime });
  for (;;) {
    for (const request of inbox.splice(0)) {
      if (request.kind === 'close') {
        await opened.encoder.close();
        await opened.decoder.close();
        return port.close();
      }
      take(request, loop, opened);
    }
    const progress = await loop.turn();
    // messages are delivered only when the event loop turns
    if (progress.kind === 'worked') await new Promise((resolve) => setImmediate(resolve));
    else if (inbox.length === 0) await idle(loop, progress);
  }
}

interface Opened extends OpenModel {
  readonly encoder: Encoder;
}

async function open(plan: ModelPlan): Promise<Opened | null> {
  try {
    const opened = await openModel(plan, (progress) => report({ kind: 'compiling', ...progress }));
    encoder = opened.encoderBeside
      ? await EncoderThread.open(startWorker(workerEntry('encoder-worker', import.meta.url)), opened.encoderPlan)
      : await openEncoder(opened.encoderPlan);
    return { ...opened, encoder };
  } catch (error) {
    report({ kind: 'open-failed', error: plainError(error) });
    return null;
  }
}

function batchLoop(plan: ModelPlan, { encoder, decoder, tokenizer, runtime }: Opened): BatchLoop {
  return new BatchLoop({
    encoder,
    decoder,
    config: plan.config,
    tokenizer,
    pools: plan.pools,
    limits: { ...limitsFor(runtime.provider), ...plan.limits },
    clock: () => performance.now(),
    onResult: (id, recognition) => report({ kind: 'result', id, recognition }),
    onLanguages: (id, logProbs) => report({ kind: 'languages', id, logProbs }),
    onFailure: (id, error) => report({ kind: 'failure', id, error: plainError(error) }),
  });
}

function take(request: Exclude<WorkerRequest, { kind: 'close' }>, loop: BatchLoop, { encoder, bank }: Opened): void {
  switch (request.kind) {
    case 'open':
      throw new Error('A worker opens one model.');
    case 'submit':
      return loop.submit(request.job);
    case 'cancel':
      return loop.cancel(request.id);
    case 'write-slot':
      bank.writeOrClear(request.slot, request.adapter);
      return encoder.writeSlot(request.slot, request.adapter);
    case 'stats':
      return report({ kind: 'stats', id: request.id, stats: loop.stats(), view: loop.view() });
  }
}

async function nextRequest(): Promise<WorkerRequest> {
  while (inbox.length === 0) await awake(null);
  return inbox.shift() as WorkerRequest;
}

async function idle(loop: BatchLoop, { untilMs, encoded }: Extract<Progress, { kind: 'idle' }>): Promise<void> {
  const begun = performance.now();
  void encoded?.then(() => wake?.());
  await awake(untilMs === null ? null : Math.max(0, untilMs - begun));
  // while the encoder works, the engine does
  if (encoded === null) loop.countIdle(performance.now() - begun);
}

/** Until a request arrives, or for so long. */
async function awake(atMostMs: number | null): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = atMostMs === null ? null : setTimeout(resolve, atMostMs);
    wake = () => {
      if (timer !== null) clearTimeout(timer);
      resolve();
    };
  });
  wake = null;
}

await main();
