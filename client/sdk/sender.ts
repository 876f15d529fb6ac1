import { clientError } from './client-error.ts';
import { type Accepted, Outbox, type OutboxOptions } from './outbox.ts';
import type { OpenSocket } from './web-socket.ts';

export interface SenderOptions extends Omit<OutboxOptions, 'mostBytes'> {
  /** `send` waits while more than this is held, and refuses what would make it more than four times as much */
  readonly bufferBytes: number;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A second of 16-bit audio at 16 kHz; the service takes messages of a mebibyte, unless it is told otherwise. */
const MOST_MESSAGE_BYTES = 32_000;
/** So much may lie in the platform's WebSocket, which does not tell when it is empty. */
const MOST_SOCKET_BYTES = 256 * 1024;
const LOOK_AGAIN_MS = 10;
const REFUSED_ABOVE = 4;

/** Sends what is put into it in its order, over whichever socket there is, as fast as that takes it. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #outbox: Outbox;
  readonly #waiting: Waiting[] = [];
  #socket: OpenSocket | null = null;
  #kept = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ending: Error | null = null;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#outbox = new Outbox({ ...options, mostBytes: MOST_MESSAGE_BYTES });
  }

  /** From here on over this socket. @param kept until the service has accepted it, to be sent again over another one */
  attach(socket: OpenSocket, kept: boolean): void {
    this.#socket = socket;
    this.#kept = kept;
    this.#pump();
  }

  /** There is no socket; what comes is kept. */
  detach(): void {
    this.#socket = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /**
   * @param bytes whole frames; they are not copied
   * @returns when there is room for more
   * @throws FloraAsrClientError `buffer_full`, what the sender ended with
   */
  async sendAudio(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#ending !== null) throw this.#ending;
    const { bufferBytes } = this.#options;
    if (this.#outbox.heldBytes + bytes.length > REFUSED_ABOVE * bufferBytes && this.#outbox.heldBytes > 0) {
      const waits = `${this.#outbox.heldBytes} bytes have not got to the service, and this is ${bytes.length} more`;
      throw clientError('buffer_full', `${waits}; wait for send() before the next one, or set bufferBytes.`, {
        retryable: true,
      });
    }
    this.#outbox.putAudio(bytes);
    this.#pump();
    if (this.#outbox.heldBytes <= bufferBytes) return;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** @throws FloraAsrClientError what the sender ended with */
  sendMessage(message: object): void {
    if (this.#ending !== null) throw this.#ending;
    this.#outbox.putMessage(message);
    this.#pump();
  }

  /** The service has so much. */
  accepted(accepted: Accepted): void {
    this.#outbox.accepted(accepted);
    this.#giveRoom();
  }

  /** The service has so much, and nothing else. Before `attach`. */
  rewind(accepted: Accepted): void {
    this.#outbox.rewind(accepted);
    this.#giveRoom();
  }

  /** Nothing is sent any more. @param error for whoever sends, or waits to */
  end(error: Error): void {
    if (this.#ending !== null) return;
    this.#ending = error;
    this.detach();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #pump(): void {
    const socket = this.#socket;
    if (socket === null || this.#timer !== undefined) return;
    while (socket.bufferedBytes < MOST_SOCKET_BYTES) {
      const data = this.#outbox.take(this.#kept);
      if (data === null) break;
      socket.send(data);
    }
    this.#giveRoom();
    if (this.#outbox.untakenBytes > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#pump();
      }, LOOK_AGAIN_MS);
    }
  }

  #giveRoom(): void {
    if (this.#outbox.heldBytes > this.#options.bufferBytes) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }
}
