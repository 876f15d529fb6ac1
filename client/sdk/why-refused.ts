import { answerError } from './answer-error.ts';
import { clientError, type FloraAsrClientError } from './client-error.ts';
import { addressOf } from './service-address.ts';

export interface RefusedConnection {
  readonly url: string | URL;
  readonly apiKey: string | undefined;
  readonly signal: AbortSignal;
  /** what the platform says of it; may be nothing */
  readonly message: string;
}

const TIMEOUT_MS = 5_000;

/**
 * Why a connection could not be opened. WebSockets hide the answer to a handshake from those who open them, so the same
 * service is asked for something small, with the same key: it says what is wrong with that.
 */
export async function whyRefused({ url, apiKey, signal, message }: RefusedConnection): Promise<FloraAsrClientError> {
  const address = addressOf(url, '/v1/models', 'http');
  const reason = message === '' ? '' : `: ${message}`;
  try {
    const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    const answer = await fetch(address, { headers, signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
    if (!answer.ok) return await answerError(answer, address);
    await answer.body?.cancel();
    const elsewise = `${address.host} answers, but opens no stream${reason}. It may have too many, or a proxy takes no WebSockets.`;
    return clientError('connection_failed', elsewise, { retryable: true });
  } catch (cause) {
    return clientError('connection_failed', `${address.host} cannot be reached${reason}.`, { retryable: true, cause });
  }
}
