import type { Response } from 'express';

/** Fires when the client goes away before it has its answer: what it asked for is computed no further. */
export function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  if (response.closed) gone.abort();
  return gone.signal;
}
