import { parentPort } from 'node:worker_threads';
import { FloraAsrError } from '../../kernels/errors.ts';
import { BatchLoop } from './batch-loop.ts';
import { limitsFor, type ModelPlan } from './model-plan.ts';
import { type OpenModel, openModel } from './open-model.ts';
import type { PlainError, WorkerReport, WorkerRequest } from './worker-protocol.ts';

/*
 * The thread that owns the sessions. A run blocks it, so requests are collected while it computes and taken between
 * two batches: nothing changes the bank or the rows while a graph runs.
 */

if (parentPort === null) throw new Error('engine-worker.ts is started by the engine, as a worker thread.');
const port = parentPort;
const inbox: WorkerRequest[] = [];
let wake: (() => void) | null = null;

port.on('message', (request: WorkerRequest) => {
  inbox.push(request);
  wake?.();
});

function report(message: WorkerReport): void {
  port.postMessage(message);
}

function plain(error: unknown): PlainError {
  if (error instanceof FloraAsrError) return { code: error.code, message: error.message };
  return { code: 'engine_failed', message: error instanceof Error ? error.message : String(error) };
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
        await opened.model.close();
        return port.close();
      }
      take(request, loop, opened);
    }
    const progress = await loop.turn();
    // messages are delivered only when the event loop turns
    if (progress.kind === 'worked') await new Promise((resolve) => setImmediate(resolve));
    else if (inbox.length === 0) await idle(loop, progress.untilMs);
  }
}

async function open(plan: ModelPlan): Promise<OpenModel | null> {
  try {
    return await openModel(plan, (progress) => report({ kind: 'compiling', ...progress }));
  } catch (error) {
    report({ kind: 'open-failed', error: plain(error) });
    return null;
  }
}

function batchLoop(plan: ModelPlan, { model, tokenizer, runtime }: OpenModel): BatchLoop {
  return new BatchLoop({
    model,
    config: plan.config,
    tokenizer,
    pools: plan.pools,
    limits: { ...limitsFor(runtime.provider), ...plan.limits },
    clock: () => performance.now(),
    onResult: (id, recognition) => report({ kind: 'result', id, recognition }),
    onLanguages: (id, logProbs) => report({ kind: 'languages', id, logProbs }),
    onFailure: (id, error) => report({ kind: 'failure', id, error: plain(error) }),
  });
}

function take(request: Exclude<WorkerRequest, { kind: 'close' }>, loop: BatchLoop, { bank }: OpenModel): void {
  switch (request.kind) {
    case 'open':
      throw new Error('A worker opens one model.');
    case 'submit':
      return loop.submit(request.job);
    case 'cancel':
      return loop.cancel(request.id);
    case 'write-slot':
      return request.adapter === null ? bank.clear(request.slot) : bank.write(request.slot, request.adapter);
    case 'stats':
      return report({ kind: 'stats', id: request.id, stats: loop.stats(), view: loop.view() });
  }
}

async function nextRequest(): Promise<WorkerRequest> {
  while (inbox.length === 0) await awake(null);
  return inbox.shift() as WorkerRequest;
}

async function idle(loop: BatchLoop, untilMs: number | null): Promise<void> {
  const begun = performance.now();
  await awake(untilMs === null ? null : Math.max(0, untilMs - begun));
  loop.countIdle(performance.now() - begun);
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
