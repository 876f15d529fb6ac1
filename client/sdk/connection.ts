import type { ClientMessageInput, ServerMessage } from '../../server/protocol/stream-messages.ts';
import { clientError, FloraAsrClientError } from './client-error.ts';
import { Deferred } from './deferred.ts';
import { cancelled, type OpenSocket, openSocket } from './web-socket.ts';

export interface ConnectionOptions {
  readonly url: string | URL;
  readonly apiKey: string | undefined;
  readonly signal: AbortSignal;
  /** `start`, or `resume` */
  readonly first: ClientMessageInput;
  /** The first message was answered: by `ready`, or by `resumed`, which is then the first for `onMessage`. */
  readonly onAnswered: (socket: OpenSocket) => void;
  readonly onMessage: (message: ServerMessage) => void;
  /** The connection is no more; comes once, and only if the first message was answered. */
  readonly onClosed: (code: number) => void;
}

type ErrorMessage = Extract<ServerMessage, { readonly type: 'error' }>;

/** The service answers at once. */
const ANSWER_MS = 15_000;

/**
 * Opens a connection to a stream, new or not: resolves when its first message was answered.
 * @throws FloraAsrClientError as `openSocket`; what the service refuses the message with; `connection_lost`,
 *   `answer_invalid`, `draining`
 */
export async function openConnection(options: ConnectionOptions): Promise<void> {
  const { url, apiKey, signal, first, onAnswered, onMessage, onClosed } = options;
  const answered = new Deferred<void>();
  let isAnswered = false;
  const onText = (text: string) => {
    const message = parse(text);
    if (message === null) return answered.reject(notOurs('what came is no message of it'));
    if (message.type === 'ready' || message.type === 'resumed') {
      // at once, and not when a promise has its turn: more may come before that
      isAnswered = true;
      onAnswered(socket);
      answered.resolve();
    }
    if (isAnswered) return onMessage(message);
    if (message.type === 'error') answered.reject(errorOf(message));
    if (message.type === 'closed') answered.reject(draining()); // unless an error came before
  };
  const socket = await openSocket({
    url,
    apiKey,
    signal,
    onText,
    onClosed: (code) => (isAnswered ? onClosed(code) : answered.reject(connectionLost(code))),
  });
  const late = setTimeout(() => answered.reject(notOurs(`nothing came for ${ANSWER_MS / 1000} s`)), ANSWER_MS);
  const abort = () => answered.reject(cancelled(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) abort();
    socket.send(JSON.stringify(first));
    await answered.promise;
  } catch (error) {
    socket.close(signal.aborted ? 'goodbye' : 'retry');
    throw error;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', abort);
  }
}

export function errorOf({ code, message, param, retryable }: ErrorMessage): FloraAsrClientError {
  return new FloraAsrClientError(code, message, { param, retryable });
}

export function connectionLost(code: number): FloraAsrClientError {
  const lost = `The connection to the service ended without a goodbye (${code}).`;
  return clientError('connection_lost', lost, { retryable: true });
}

export function draining(): FloraAsrClientError {
  return new FloraAsrClientError('draining', 'The service has shut down; go on in another stream.', { retryable: true });
}

function parse(text: string): ServerMessage | null {
  try {
    const message = JSON.parse(text) as ServerMessage | null;
    return typeof message?.type === 'string' ? message : null;
  } catch {
    return null;
  }
}

function notOurs(what: string): FloraAsrClientError {
  return clientError('answer_invalid', `What answers at the address is no flora-asr: ${what}.`);
}
