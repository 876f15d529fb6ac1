import { WebSocket } from 'ws';
import { WIRE_CLOSE_CODES } from './wire-close-codes.ts';

/**
 * A socket whose session has the last word. Where frames break RFC 6455, or are too large, ws would close with a bare
 * code, and what was accepted until then would be lost; here it only emits `error`, and hears no more. The session
 * answers what it owes, and closes with `end`.
 */
export class SessionSocket extends WebSocket {
  /** As ws closes by itself: in answer to a close frame, whose reason it repeats, or because of a broken frame. */
  override close(code?: number, reason?: string | Buffer): void {
    const broken = reason === undefined && code !== undefined && BROKEN_FRAME_CODES.has(code);
    if (broken && this.readyState === WebSocket.OPEN) return;
    super.close(code, reason);
  }

  end(code: number, reason?: string): void {
    super.close(code, reason);
  }
}

const BROKEN_FRAME_CODES: ReadonlySet<number> = new Set(Object.values(WIRE_CLOSE_CODES));
