import { FloraAsrError } from '../../kernels/errors.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Scheduler } from './scheduler.ts';
import { SessionSocket } from './session-socket.ts';
import { WIRE_CLOSE_CODES } from './wire-close-codes.ts';

export interface ConnectionOptions {
  readonly socket: SessionSocket;
  readonly schedule: Scheduler;
  readonly pingMs: number;
  readonly maxFrameBytes: number;
  readonly onMessage: (data: Buffer, isBinary: boolean) => void;
  /** Frames were no WebSocket frames, or too large: nothing more is heard, but the client still listens. */
  readonly onBroken: (error: FloraAsrError, closeCode: number) => void;
  /** Too much of what was sent lies here, unread. */
  readonly onSlowReader: () => void;
  /** Comes once, last; 1006: without a goodbye. */
  readonly onGone: (closeCode: number) => void;
}

interface Received {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** Events are small: a client that leaves so much unread does not read. */
const MOST_UNREAD_BYTES = 2 ** 20;
/** Beyond this, what may be left out is. */
const UNREAD_BYTES_WITH_OFFERS = 2 ** 16;

/**
 * The wire of one stream: messages in their order, as fast as they are wanted, to a client that is known to be there.
 *
 * Invariant: while it is held, no message is delivered. What the socket had read already waits in the inbox, which is
 * bounded: it is what one read brought (64 KiB), and the message that this completed.
 */
export class StreamConnection {
  readonly #options: ConnectionOptions;
  readonly #heartbeat: Heartbeat;
  #inbox: Received[] = [];
  #held = false;
  #delivering = false;

  constructor(options: ConnectionOptions) {
    const { socket, schedule, pingMs, onGone } = options;
    this.#options = options;
    this.#heartbeat = new Heartbeat({
      everyMs: pingMs,
      schedule,
      ping: () => socket.ping(),
      onDead: () => socket.terminate(),
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#receive({ data, isBinary }));
    socket.on('ping', () => this.#heartbeat.heard());
    socket.on('pong', () => this.#heartbeat.heard());
    socket.on('error', (error: NodeJS.ErrnoException) => this.#break(error));
    socket.on('close', (closeCode: number) => {
      this.#heartbeat.stop();
      onGone(closeCode);
    });
  }

  /** Whether messages wait until `release`. */
  get held(): boolean {
    return this.#held;
  }

  /** Sends one message, as JSON. */
  send(message: object): void {
    const { socket, onSlowReader } = this.#options;
    if (socket.readyState !== SessionSocket.OPEN) return;
    socket.send(JSON.stringify(message));
    if (socket.bufferedAmount > MOST_UNREAD_BYTES) onSlowReader();
  }

  /**
   * Sends what may be left out: not while much of what was sent before lies unread.
   * @returns whether it was sent
   */
  offer(message: object): boolean {
    const { socket } = this.#options;
    if (socket.readyState !== SessionSocket.OPEN || socket.bufferedAmount > UNREAD_BYTES_WITH_OFFERS) return false;
    this.send(message);
    return true;
  }

  /** Reads no more, until `release`: the client's own buffers fill up, and it has to wait. */
  hold(): void {
    if (this.#held) return;
    this.#held = true;
    this.#heartbeat.setDeaf(true);
    this.#options.socket.pause();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#heartbeat.setDeaf(false);
    this.#options.socket.resume();
    this.#deliver();
  }

  /** Says goodbye; `onGone` follows. */
  close(code: number, reason?: string): void {
    this.#heartbeat.stop();
    this.#options.socket.end(code, reason);
    this.release();
  }

  /** Ends it without a goodbye; `onGone` follows. */
  terminate(): void {
    this.#options.socket.terminate();
  }

  #receive(received: Received): void {
    this.#heartbeat.heard();
    this.#inbox.push(received);
    this.#deliver();
  }

  #deliver(): void {
    if (this.#delivering) return; // a message that was delivered has released what waited behind it
    this.#delivering = true;
    let delivered = 0;
    for (; delivered < this.#inbox.length && !this.#held; delivered += 1) {
      const { data, isBinary } = this.#inbox[delivered] as Received;
      this.#options.onMessage(data, isBinary);
    }
    this.#inbox = this.#inbox.slice(delivered);
    this.#delivering = false;
  }

  /** Errors of the socket itself end it, and `onGone` tells that. */
  #break({ code = '', message }: NodeJS.ErrnoException): void {
    if (!code.startsWith('WS_ERR_')) return;
    this.#heartbeat.setDeaf(true);
    const { onBroken, maxFrameBytes } = this.#options;
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      const allowed = `A message may have ${maxFrameBytes} bytes at most (MAX_FRAME_BYTES); send it in pieces.`;
      return onBroken(new FloraAsrError('message_too_large', allowed), WIRE_CLOSE_CODES.tooLarge);
    }
    const wrong = `What came is not as RFC 6455 has it: ${message}.`;
    const closeCode = code === 'WS_ERR_INVALID_UTF8' ? WIRE_CLOSE_CODES.notText : WIRE_CLOSE_CODES.malformed;
    return onBroken(new FloraAsrError('message_invalid', wrong), closeCode);
  }
}
