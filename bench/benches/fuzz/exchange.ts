import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasAnswer } from './answer.ts';
import type { FuzzCase, Step } from './fuzz-case.ts';

/** What came of a case. */
export interface Exchange {
  /** all that the service sent */
  readonly received: Buffer;
  readonly ended: ExchangeEnd;
}

/** Who ended it: the service, the client as its steps say or when it had its answer, or the client's patience. */
export type ExchangeEnd = 'service' | 'client' | 'patience';

export interface ExchangeOptions {
  readonly port: number;
  /** for the whole of it, where an answer is owed */
  readonly patienceMs: number;
}

/** A reply to half a sentence may come, but is not waited for any longer. */
const IDLE_PATIENCE_MS = 100;

/** Does what the case says, on a connection of its own, and takes what comes back. */
export async function exchange(
  { steps, owed, stays = false }: FuzzCase,
  { port, patienceMs }: ExchangeOptions,
): Promise<Exchange> {
  const line = new Line(connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  const answered = (received: Buffer) => !stays && hasAnswer(received);
  const deadline = AbortSignal.timeout(patienceMs);
  try {
    let vanished = false;
    for (const step of steps) {
      if (line.closed || deadline.aborted) break;
      await take(step, line, deadline);
      vanished ||= step.kind === 'vanish';
    }
    if (vanished) return { received: line.received, ended: 'client' };
    const patience = owed === 'nothing' ? AbortSignal.any([deadline, AbortSignal.timeout(IDLE_PATIENCE_MS)]) : deadline;
    await line.until(answered, patience);
    return { received: line.received, ended: line.closed ? 'service' : answered(line.received) ? 'client' : 'patience' };
  } finally {
    line.destroy();
  }
}

async function take(step: Step, line: Line, deadline: AbortSignal): Promise<void> {
  switch (step.kind) {
    case 'send':
      return line.send(step.bytes);
    case 'await':
      return line.until((received) => received.includes(step.text), deadline);
    case 'pause':
      await sleep(step.ms);
      return;
    case 'half-close':
      return line.end();
    case 'vanish':
      return line.reset();
  }
}

/** One connection: what it has received, and whoever waits for more of it. */
class Line {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #changed: () => void = () => undefined;
  closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const close = () => {
      this.closed = true;
      this.#changed();
    };
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#changed();
    });
    // a service that hangs up on garbage is no failure of the client
    socket.on('error', close).on('end', close).on('close', close);
  }

  get received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  /** Resolves when it is so, when the service has ended the connection, or when patience is at its end. */
  async until(enough: (received: Buffer) => boolean, patience: AbortSignal): Promise<void> {
    const impatient = () => this.#changed();
    patience.addEventListener('abort', impatient, { once: true });
    while (!this.closed && !patience.aborted && !enough(this.received)) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    patience.removeEventListener('abort', impatient);
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
