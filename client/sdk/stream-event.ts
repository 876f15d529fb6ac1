import type { ServerMessage } from '../../server/protocol/stream-messages.ts';

/** The connection was lost; the stream waits, and tries to go on. What is sent meanwhile is kept. */
export interface ReconnectingEvent {
  readonly type: 'reconnecting';
  /** from 1 */
  readonly attempt: number;
  /** until this attempt */
  readonly waitMs: number;
}

/**
 * What the service tells (described in `/docs/stream/`), and what became of the connection. What it has accepted is for
 * this package alone.
 */
export type StreamEvent = Exclude<ServerMessage, { readonly type: 'accepted' }> | ReconnectingEvent;
