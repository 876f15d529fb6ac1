import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Ends an answer that comes before the request has been read whole. To close at once would reset the connection, and
 * the client, while it still sends, would never see the answer; to read on would take whatever is sent. So the answer
 * goes out at once, and the connection closes when the request has ended, or after `lingerMs`; what comes until then is
 * dropped.
 */
export function endGently(
  request: IncomingMessage,
  response: ServerResponse,
  { body, lingerMs }: { readonly body: Uint8Array; readonly lingerMs: number },
): void {
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
  const timer = setTimeout(end, lingerMs);
  request.once('end', end);
  request.once('close', end);
  request.resume();
}

/** `complete` is not told yet where an answer is given in the very turn in which the request came. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
