import type * as ws from 'ws';
import { clientError, type FloraAsrClientError } from './client-error.ts';
import { addressOf } from './service-address.ts';
import { whyRefused } from './why-refused.ts';

/** What is used of a WebSocket, the platform's own or that of the package ws. */
interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message?: string }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(data: Uint8Array<ArrayBuffer> | string): void;
  close(code?: number): void;
}

type MakeWebSocket = (url: URL, apiKey: string | undefined) => WebSocketLike;

export interface SocketOptions {
  readonly url: string | URL;
  readonly apiKey: string | undefined;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
  /** Comes once, after `openSocket` has resolved. */
  readonly onClosed: (code: number) => void;
}

/** A connection that is open, until `onClosed`. */
export interface OpenSocket {
  /** bytes that were sent, and have not left this machine */
  readonly bufferedBytes: number;
  send(data: Uint8Array<ArrayBuffer> | string): void;
  /** Nothing is told after it. `goodbye` gives the stream up; after `retry` the service keeps one that can be resumed. */
  close(how: 'goodbye' | 'retry'): void;
}

const SUBPROTOCOL = 'flora-asr';
const CONNECT_TIMEOUT_MS = 15_000;
const OPEN = 1;
/** RFC 6455: 1000, or one of the 4000s for private use. */
const CLOSE_CODES = { goodbye: 1000, retry: 4000 } as const;

/**
 * @throws FloraAsrClientError `connection_failed`; what the service refused it with, where that can be found out;
 *   `cancelled`
 */
export async function openSocket(options: SocketOptions): Promise<OpenSocket> {
  const { url, apiKey, signal, onText, onClosed } = options;
  const make = await webSockets();
  if (signal.aborted) throw cancelled();
  const address = addressOf(url, '/v1/stream', 'ws');
  const socket = make(address, apiKey);
  socket.binaryType = 'arraybuffer';
  try {
    await opened(socket, signal);
  } catch (error) {
    silence(socket);
    socket.close();
    if (signal.aborted) throw cancelled();
    throw await whyRefused({ url, apiKey, signal, message: error instanceof Error ? error.message : '' });
  }
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') onText(data);
  };
  socket.onclose = ({ code }) => onClosed(code);
  return {
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send(data) {
      if (socket.readyState === OPEN) socket.send(data);
    },
    close(how) {
      silence(socket);
      socket.close(CLOSE_CODES[how]);
    },
  };
}

export function cancelled(cause?: unknown): FloraAsrClientError {
  return clientError('cancelled', 'It was cancelled.', { cause });
}

async function opened(socket: WebSocketLike, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (message: string) => reject(new Error(message));
      let reason = '';
      socket.onopen = () => resolve();
      socket.onerror = ({ message = '' }) => {
        reason = message;
      };
      socket.onclose = () => fail(reason);
      timer = setTimeout(() => fail(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`), CONNECT_TIMEOUT_MS);
      abort = () => fail('');
      signal.addEventListener('abort', abort, { once: true });
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** An error may still come, and ws throws those that nobody hears. */
function silence(socket: WebSocketLike): void {
  socket.onmessage = null;
  socket.onopen = null;
  socket.onclose = null;
  socket.onerror = () => {};
}

/** Browsers, and Node from 22 on, have WebSockets; for Node 20 the package ws has them. */
async function webSockets(): Promise<MakeWebSocket> {
  const { WebSocket } = globalThis as unknown as { readonly WebSocket?: new (url: URL, names: string[]) => WebSocketLike };
  if (WebSocket !== undefined) return (url, apiKey) => new WebSocket(url, subprotocols(apiKey));
  // a name that bundlers do not follow: browsers never get here
  const name = 'ws';
  try {
    const { WebSocket: NodeWebSocket } = (await import(/* @vite-ignore */ name)) as typeof ws;
    return (url, apiKey) => {
      const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
      return new NodeWebSocket(url, [SUBPROTOCOL], { headers, perMessageDeflate: false }) as unknown as WebSocketLike;
    };
  } catch (cause) {
    const remedy = 'Node has WebSockets from version 22 on; for this one, install the package ws.';
    throw clientError('connection_failed', remedy, { cause });
  }
}

/** They cannot set headers. @throws FloraAsrClientError `argument_invalid` */
function subprotocols(apiKey: string | undefined): string[] {
  if (apiKey === undefined) return [SUBPROTOCOL];
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(apiKey)) {
    const allowed = 'A key that a browser sends may not have "/" or "=" in it, nor signs that HTTP headers do not carry.';
    throw clientError('argument_invalid', allowed, { param: 'apiKey' });
  }
  return [SUBPROTOCOL, `flora-asr-key.${apiKey}`];
}
