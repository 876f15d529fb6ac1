import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { describeError } from '../describe-error.ts';
import { CLOSE_CODES, type ServerMessage } from '../protocol/stream-messages.ts';
import type { StreamConnection } from '../sockets/connection.ts';
import type { StreamRecord } from '../sockets/stream-record.ts';
import { errorMessage, finalMessage, partialMessage, toSeconds } from './event-message.ts';
import { OutcomeLog, type OutcomeMessage } from './outcome-log.ts';

/** The connection that a session speaks over. */
export interface Attachment {
  readonly connection: StreamConnection;
  /** Another one goes on; this one is out of use. */
  readonly onTakenOver: () => void;
}

export interface StreamOutputOptions {
  readonly attachment: Attachment;
  readonly record: StreamRecord;
  /** whether words are told one by one, too */
  readonly words: boolean;
  /** whether outcomes are kept for who resumes the stream */
  readonly resumable: boolean;
}

/** What a stream tells, over the connection that it has; while it has none, its outcomes are kept, and all else is not told. */
export class StreamOutput {
  readonly #options: StreamOutputOptions;
  readonly #outcomes: OutcomeLog;
  #attachment: Attachment | null;

  constructor(options: StreamOutputOptions) {
    this.#options = options;
    this.#outcomes = new OutcomeLog(options.resumable);
    this.#attachment = options.attachment;
  }

  /** null while it is detached */
  get connection(): StreamConnection | null {
    return this.#attachment?.connection ?? null;
  }

  send(message: ServerMessage): void {
    this.connection?.send(message);
  }

  /** For what need not be told, nor again. @returns whether it was; null if nobody is there */
  offer(message: ServerMessage): boolean | null {
    return this.connection?.offer(message) ?? null;
  }

  tell(event: SpeechEvent): void {
    const { record, words } = this.#options;
    const sequence = this.#outcomes.next;
    switch (event.kind) {
      case 'speech-started':
        return this.send({ type: 'speech_started', channel: event.channel, start: toSeconds(event.startMs) });
      case 'partial': {
        const told = this.offer(partialMessage(event, { words }));
        return told === null ? undefined : record.partial(told);
      }
      case 'final':
        record.answered(event);
        return this.#tellOutcome(finalMessage(event, { words, sequence }));
      case 'failed':
        record.answered(event);
        return this.#tellOutcome(errorMessage(describeError(event.error), { fatal: false, sequence, lost: event }));
    }
  }

  /** @throws FloraAsrError as `OutcomeLog.since` */
  missedSince(received: number): readonly OutcomeMessage[] {
    return this.#outcomes.since(received);
  }

  /** From now on over this connection, even if there still is one: it may be dead without anybody having said so. */
  attach(attachment: Attachment): void {
    const previous = this.#attachment;
    this.#attachment = attachment;
    if (previous === null) return;
    previous.onTakenOver();
    const error = new FloraAsrError('session_taken_over', 'Another connection has resumed this stream.');
    this.#options.record.refused(error);
    previous.connection.send(errorMessage(describeError(error), { fatal: true, sequence: null, lost: null }));
    previous.connection.close(CLOSE_CODES.takenOver);
  }

  detach(): void {
    this.#attachment = null;
  }

  #tellOutcome(message: OutcomeMessage): void {
    this.#outcomes.add(message);
    this.send(message);
  }
}
