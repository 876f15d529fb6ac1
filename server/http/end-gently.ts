import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a client is still sending is read, and dropped, for so long after it was answered. */
const LINGER_MS = 2_000;

/**
 * Ends an answer that comes before the request has been read whole. To close at once would reset the connection, and
 * the client, while it still sends, would never see the answer; to read on would take whatever is sent. So the answer
 * goes out at once, and the connection closes when the request has ended, or a little later.
 */
export function endGently(request: IncomingMessage, response: ServerResponse, body: Uint8Array): void {
  if (request.complete || request.destroyed || !hasBody(request)) {
    response.end(body);
    return;
  }
  response.setHeader('connection', 'close');
  response.write(body);
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  request.once('end', end);
  request.once('close', end);
  request.resume();
}

/** `complete` is not told yet where an answer is given in the very turn in which the request came. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
