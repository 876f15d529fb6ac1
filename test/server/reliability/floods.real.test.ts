import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeCodeOf, readAnswers } from '../../../bench/benches/fuzz/answer.ts';
import { START } from '../../../bench/benches/fuzz/cases/frames.ts';
import { binary, handshake, rawFrame, text } from '../../../bench/benches/fuzz/raw-frame.ts';
import { ServiceProcess } from '../../../bench/benches/fuzz/service-process.ts';

const MESSAGES = 100_000;

describe('a client that floods the service with tiny messages', () => {
  let service: ServiceProcess;
  beforeAll(async () => {
    service = await ServiceProcess.start({ settings: {}, env: process.env });
  });
  afterAll(async () => service.stop());

  it.each([
    ['samples, one a message', binary(Buffer.alloc(2))],
    ['messages without samples', binary(Buffer.alloc(0))],
    ['flushes', text({ type: 'flush' })],
  ])('is answered, and others have their turns meanwhile: %s', async (_, message) => {
    let answered = false;
    const flood = floodedStream(service.port, message).finally(() => {
      answered = true;
    });
    let turns = 0;
    for (; !answered; turns += 1) await (await fetch(`${service.url}/health/live`)).text();
    expect(await flood).toBe(1000);
    // where all that has come is taken at once, it is a handful
    expect(turns).toBeGreaterThan(200);
  });
});

/** Sends a stream of very many messages at once. @returns its close code */
async function floodedStream(port: number, message: Buffer): Promise<number | null> {
  const socket = connect(port, '127.0.0.1');
  const finish = text({ type: 'finish' });
  socket.write(
    Buffer.concat([handshake(`127.0.0.1:${port}`), text(START), ...Array.from({ length: MESSAGES }, () => message), finish]),
  );
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const code = closeCodeOf(readAnswers(Buffer.concat(chunks), false).frames);
      if (code === null) return;
      socket.end(rawFrame({ opcode: 8, payload: Buffer.from([code >> 8, code & 255]) }));
      resolve(code);
    });
  });
}
