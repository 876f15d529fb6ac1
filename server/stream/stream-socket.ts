import { FloraAsrError } from '../../kernels/errors.ts';
import { describeError } from '../describe-error.ts';
import { CLOSE_CODES, type ServerMessage } from '../protocol/stream-messages.ts';
import { StreamConnection } from '../sockets/connection.ts';
import { Deadline } from '../sockets/scheduler.ts';
import type { SessionSocket } from '../sockets/session-socket.ts';
import type { AdmittedStream, SocketSession } from '../sockets/stream-protocol.ts';
import { type StreamOutcome, StreamRecord } from '../sockets/stream-record.ts';
import { closeCodeOf } from './close-code.ts';
import { errorMessage } from './event-message.ts';
import { parseClientMessage } from './parse-client-message.ts';
import type { ResumableSessions } from './resumable-sessions.ts';
import type { Attachment } from './stream-output.ts';
import { StreamSession } from './stream-session.ts';

export interface StreamSocketOptions {
  readonly stream: AdmittedStream;
  readonly socket: SessionSocket;
  readonly sessions: ResumableSessions<StreamSession>;
  /** Comes once, when the connection is no more. */
  readonly onClosed: () => void;
}

type Role =
  /** for the first message */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'attached'; readonly session: StreamSession }
  /** what comes is not looked at any more */
  | { readonly kind: 'over' };

/** How long the client of a stream that is cut off may take to read why. */
const LAST_WORDS_MS = 1_000;

/** One connection of `/v1/stream`: it waits for `start` or `resume`, and then carries what that opened. */
export class StreamSocket implements SocketSession {
  readonly #options: StreamSocketOptions;
  readonly #record: StreamRecord;
  readonly #connection: StreamConnection;
  readonly #deadline: Deadline;
  #role: Role = { kind: 'waiting' };
  /** while it has opened nothing, it is a stream by itself; else null */
  #outcome: StreamOutcome | null = { reason: 'gone' };

  constructor(options: StreamSocketOptions) {
    const { stream, socket, onClosed } = options;
    const { service, schedule, streamId, client } = stream;
    const { pingSeconds, maxFrameBytes, startTimeoutSeconds } = service.configuration;
    this.#options = options;
    const log = service.log.child({ streamId, client: client.name });
    this.#record = new StreamRecord({ protocol: 'stream', metrics: service.metrics, log });
    this.#deadline = new Deadline(schedule);
    this.#connection = new StreamConnection({
      socket,
      schedule,
      pingMs: 1000 * pingSeconds,
      maxFrameBytes,
      onMessage: (data, isBinary) => this.#take(data, isBinary),
      onBroken: (error, closeCode) => this.#break(error, closeCode),
      onSlowReader: () => this.#giveUpReader(),
      onGone: (closeCode) => {
        this.#leave(closeCode);
        onClosed();
      },
    });
    const late = `No start came within ${startTimeoutSeconds} s (START_TIMEOUT_SECONDS).`;
    this.#deadline.set(() => this.#refuse(new FloraAsrError('start_timeout', late)), 1000 * startTimeoutSeconds);
  }

  drain(): void {
    if (this.#role.kind === 'attached') this.#role.session.drain();
    if (this.#role.kind === 'waiting') this.#close({ reason: 'drain' }, CLOSE_CODES.goingAway);
  }

  abort(): void {
    if (this.#role.kind === 'attached') this.#role.session.abort();
    if (this.#role.kind === 'waiting') this.#refuse(new FloraAsrError('draining', 'The service had to end.'));
    this.#options.stream.schedule(() => this.#connection.terminate(), LAST_WORDS_MS);
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (this.#role.kind === 'attached') return this.#role.session.take(data, isBinary);
    if (this.#role.kind === 'over') return;
    try {
      this.#open(data, isBinary);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** @throws FloraAsrError `start_missing`, `message_invalid`, and what there is not */
  #open(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? null : parseClientMessage(data.toString());
    const { stream, sessions } = this.#options;
    if (message?.type === 'start') {
      const attachment = this.#attachment();
      const session = new StreamSession({ stream, start: message, attachment, record: this.#record, sessions });
      return this.#carry(session);
    }
    if (message?.type === 'resume') {
      const session = sessions.find(message.session, stream.client);
      session.resume(this.#attachment(), message.received);
      this.#record.merged();
      return this.#carry(session);
    }
    const what = message?.type ?? 'audio';
    throw new FloraAsrError('start_missing', `The first message must be start or resume, not ${what}.`);
  }

  #attachment(): Attachment {
    return {
      connection: this.#connection,
      onTakenOver: () => {
        this.#role = { kind: 'over' };
      },
    };
  }

  #carry(session: StreamSession): void {
    this.#deadline.clear();
    this.#outcome = null;
    this.#role = { kind: 'attached', session };
  }

  #break(error: FloraAsrError, closeCode: number): void {
    if (this.#role.kind === 'attached') this.#role.session.fail(error, closeCode);
    if (this.#role.kind === 'waiting') this.#refuse(error, closeCode);
  }

  #giveUpReader(): void {
    if (this.#role.kind === 'attached') this.#role.session.giveUpReader();
    else this.#connection.terminate();
  }

  #refuse(error: unknown, closeCode: number = closeCodeOf(describeError(error))): void {
    const description = describeError(error);
    this.#record.refused(error);
    this.#send(errorMessage(description, { fatal: true, sequence: null, lost: null }));
    this.#close({ reason: 'error', code: description.code }, closeCode);
  }

  #close(outcome: StreamOutcome & { readonly reason: 'error' | 'drain' }, closeCode: number): void {
    this.#role = { kind: 'over' };
    this.#outcome = outcome;
    this.#deadline.clear();
    this.#send({ type: 'closed', reason: outcome.reason, audio: 0, finals: 0 });
    this.#connection.close(closeCode);
  }

  #send(message: ServerMessage): void {
    this.#connection.send(message);
  }

  #leave(closeCode: number): void {
    this.#deadline.clear();
    if (this.#role.kind === 'attached') this.#role.session.detach(closeCode);
    if (this.#outcome !== null) this.#record.closed(this.#outcome, 0);
    this.#role = { kind: 'over' };
  }
}
