import type { IncomingMessage } from 'node:http';
import type { Client } from '../access/access.ts';
import type { ErrorDescription } from '../describe-error.ts';
import type { ProtocolName } from '../observability/metrics.ts';
import type { Recogniser } from '../recogniser.ts';
import type { Service } from '../service.ts';
import type { Scheduler } from './scheduler.ts';
import type { SessionSocket } from './session-socket.ts';

/**
 * One protocol over WebSockets, at one path. What all of them share (admission, limits, the wire, drain) knows none of
 * them; what a protocol says on the wire is its own.
 */
export interface StreamProtocol {
  /** in metrics and logs */
  readonly name: ProtocolName;
  readonly path: string;
  /** In bytes; left out, `MAX_FRAME_BYTES`, which is passed in. */
  readonly longestMessageBytes?: (maxFrameBytes: number) => number;
  /** The key that a client shows, as its clients can; null: none. */
  keyOf(request: IncomingMessage): string | null;
  /** What is selected of the subprotocols that a client offers; never one that is a key: it would come back. */
  selectSubprotocol(offered: ReadonlySet<string>): string | null;
  /** How a refused handshake is told. */
  describeRefusal(error: ErrorDescription, requestId: string): RefusalAnswer;
  /**
   * The last word before the handshake is accepted.
   * @throws FloraAsrError what keeps the stream from being opened; the handshake is refused with it
   */
  prepare(stream: AdmittedStream): PreparedStream;
  /** Ends what goes on without a socket, if anything does. */
  readonly drain?: () => void;
}

/** A client that may open a stream. */
export interface AdmittedStream {
  readonly request: IncomingMessage;
  readonly client: Client;
  readonly recogniser: Recogniser;
  /** names the stream, in logs too */
  readonly streamId: string;
  readonly service: Pick<Service, 'configuration' | 'metrics' | 'log'>;
  readonly schedule: Scheduler;
}

export interface PreparedStream {
  /** of the answer that accepts the handshake, beside those of RFC 6455 */
  readonly headers?: Readonly<Record<string, string>>;
  /** @param onClosed to be called once, when the connection is no more */
  begin(socket: SessionSocket, onClosed: () => void): SocketSession;
}

/** What goes on over one socket. */
export interface SocketSession {
  /** Takes no more, answers what was accepted, and closes. */
  drain(): void;
  /** Closes at once, answered or not. */
  abort(): void;
}

export interface RefusalAnswer {
  /** of HTTP; left out, the error's own */
  readonly status?: number;
  /** sent as JSON */
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}
