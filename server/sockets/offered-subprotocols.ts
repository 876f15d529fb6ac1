import type { IncomingMessage } from 'node:http';

/** The subprotocols that a client offers, in its order; some are keys, because browsers cannot set headers. */
export function offeredSubprotocols({ headers }: IncomingMessage): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
