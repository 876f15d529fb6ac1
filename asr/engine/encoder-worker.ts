import { parentPort } from 'node:worker_threads';
import type { Encoder, Encoding } from './encoder.ts';
import type { EncoderReport, EncoderRequest } from './encoder-protocol.ts';
import { openEncoder } from './open-model.ts';
import { plainError } from './plain-error.ts';

/*
 * The encoder's thread: it opens one encoder, and does what it is asked one after the other, in the order of the requests.
 */

if (parentPort === null) throw new Error('encoder-worker.ts is started by an encoder thread, as a worker.');
const port = parentPort;
let encoder: Encoder | null = null;
let done: Promise<void> = Promise.resolve();

port.on('message', (request: EncoderRequest) => {
  done = done.then(() => take(request));
});

async function take(request: EncoderRequest): Promise<void> {
  switch (request.kind) {
    case 'open':
      return answer(async () => {
        encoder = await openEncoder(request.plan);
        return { kind: 'ready' };
      });
    case 'write-slot':
      return opened().writeSlot(request.slot, request.adapter);
    case 'encode':
      return answer(async () => ({ kind: 'encoded', encoding: await opened().encode(request.jobs) }));
    case 'close':
      await encoder?.close();
      return port.close();
  }
}

async function answer(work: () => Promise<EncoderReport>): Promise<void> {
  const report = await work().catch((error: unknown): EncoderReport => ({ kind: 'failed', error: plainError(error) }));
  port.postMessage(report, report.kind === 'encoded' ? buffersOf(report.encoding) : []);
}

function opened(): Encoder {
  if (encoder === null) throw new Error('The first request to a worker is "open".');
  return encoder;
}

/** They are handed over, not copied. */
function buffersOf({ rows }: Encoding): readonly ArrayBuffer[] {
  return Object.values(rows[0]?.outputs ?? {}).map(({ buffer }) => buffer as ArrayBuffer);
}
