import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { FloraAsrError } from '../../kernels/errors.ts';
import { DetectionLoop } from './detection-loop.ts';
import { SileroModel } from './silero-model.ts';
import type { SileroReport, SileroRequest } from './silero-protocol.ts';
import { requireSileroModel } from './silero-weights.ts';

/*
 * The thread that owns the model. A run blocks it, so requests are collected and taken between two batches. Whatever
 * goes wrong once the model is open ends the thread: its signals' memories cannot be trusted any more.
 */

/**
 * Windows of live streams come a few at a time, and a run costs little more for ten of them than for one: the first that
 * comes waits for others for so long. Once there are runs, they go on until nothing waits.
 */
const GATHER_MS = 20;
/** A signal with so many windows waiting is a file, or behind: it does not wait. */
const BULK_WINDOWS = 16;

if (parentPort === null) throw new Error('silero-worker.ts is started by the detector, as a worker thread.');
const port = parentPort;
const inbox: SileroRequest[] = [];
let wake: (() => void) | null = null;

port.on('message', (request: SileroRequest) => {
  inbox.push(request);
  wake?.();
});

function report(message: SileroReport, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

async function main(): Promise<void> {
  await untilRequested();
  const first = inbox.shift();
  if (first?.kind !== 'open') throw new Error(`The first request to a worker is "open", not "${first?.kind}".`);
  const model = await open(first.modelPath);
  if (model === null) return port.close();
  const loop = new DetectionLoop({
    model,
    onJudged: (signal, probabilities) => report({ kind: 'judged', signal, probabilities }, [probabilities.buffer]),
  });
  report({ kind: 'ready' });
  let gathered = false;
  while (takeAll(loop)) {
    if (loop.mostWaiting === 0) {
      gathered = false;
      await untilRequested();
    } else if (gathered || loop.mostWaiting >= BULK_WINDOWS) {
      gathered = true;
      await loop.turn();
      // messages are delivered only when the event loop turns, and whether a run lets it is onnxruntime's affair
      await new Promise((resolve) => setImmediate(resolve));
    } else {
      await sleep(GATHER_MS);
      gathered = true;
    }
  }
  await model.close();
  port.close();
}

async function open(modelPath: string): Promise<SileroModel | null> {
  try {
    requireSileroModel(modelPath);
    return await SileroModel.open(modelPath);
  } catch (error) {
    const code = error instanceof FloraAsrError ? error.code : 'engine_failed';
    report({ kind: 'open-failed', code, message: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

/** @returns false if the worker is to end */
function takeAll(loop: DetectionLoop): boolean {
  for (const request of inbox.splice(0)) {
    if (request.kind === 'close') return false;
    take(request, loop);
  }
  return true;
}

function take(request: Exclude<SileroRequest, { kind: 'close' }>, loop: DetectionLoop): void {
  switch (request.kind) {
    case 'open':
      throw new Error('A worker opens one model.');
    case 'push':
      return loop.push(request.signal, request.windows);
    case 'drop':
      return loop.drop(request.signal);
  }
}

async function untilRequested(): Promise<void> {
  if (inbox.length > 0) return;
  await new Promise<void>((resolve) => {
    wake = resolve;
  });
  wake = null;
}

await main();
