import { FloraAsrError } from '../../kernels/errors.ts';
import type { ServerMessage } from '../protocol/stream-messages.ts';

/** What an utterance ends in; numbered in their order, without gaps. */
export type OutcomeMessage = Extract<ServerMessage, { readonly type: 'final' | 'error' }>;

interface KeptOutcome {
  readonly message: OutcomeMessage;
  readonly bytes: number;
}

/**
 * Of the last outcomes, so much is kept. Lost with a connection can only be what its buffers held: below this, as a
 * client that leaves more unread is cut off. It is an hour of speech, and more.
 */
const MOST_KEPT_BYTES = 2 ** 19;

/** Numbers a stream's outcomes, and keeps those that a client may have to be told again. */
export class OutcomeLog {
  readonly #keeps: boolean;
  #kept: KeptOutcome[] = [];
  #keptBytes = 0;
  #next = 0;

  /** @param keeps whether the stream can be resumed */
  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  /** The number of the next one. */
  get next(): number {
    return this.#next;
  }

  add(message: OutcomeMessage): void {
    this.#next += 1;
    if (!this.#keeps) return;
    const bytes = Buffer.byteLength(JSON.stringify(message));
    this.#kept.push({ message, bytes });
    this.#keptBytes += bytes;
    while (this.#keptBytes > MOST_KEPT_BYTES) this.#keptBytes -= this.#kept.shift()?.bytes ?? 0;
  }

  /**
   * What a client lacks that has got so many.
   * @throws FloraAsrError `message_invalid` if there were never so many, `session_outdated` if some are not kept any more
   */
  since(received: number): readonly OutcomeMessage[] {
    if (received > this.#next) {
      const told = `received is ${received}, but the stream has had ${this.#next} outcomes.`;
      throw new FloraAsrError('message_invalid', told, { param: 'received' });
    }
    const first = this.#next - this.#kept.length;
    if (received < first) {
      const gone = `Outcomes before ${first} are not kept any more, and received is ${received}; resume with received ${first} or more.`;
      throw new FloraAsrError('session_outdated', gone, { param: 'received' });
    }
    return this.#kept.slice(received - first).map(({ message }) => message);
  }
}
