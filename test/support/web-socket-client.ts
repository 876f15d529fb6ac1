import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type WebSocket from 'ws';

/** How a server refused to open a connection. */
export interface Refused {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Closed<Message> {
  /** 1006: without a goodbye */
  readonly code: number;
  readonly reason: string;
  readonly messages: readonly Message[];
}

/** A client of one of the service's protocols that keeps what it was told, each message as `read` takes it. */
export class WebSocketClient<Message> {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  readonly closed: Promise<Closed<Message>>;
  readonly #watchers = new Set<() => void>();

  /** @param read holds a message to its schema */
  constructor(socket: WebSocket, read: (json: unknown) => Message) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.messages.push(read(JSON.parse(data.toString())));
      for (const watch of [...this.#watchers]) watch();
    });
    socket.on('error', () => undefined); // `closed` tells
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString(), messages: this.messages }));
    });
  }

  /** Resolves when it is so; it is looked at with every message. @throws Error if the connection closes before */
  async when(isIt: () => boolean): Promise<void> {
    if (isIt()) return;
    await new Promise<void>((resolve, reject) => {
      const watch = () => {
        if (!isIt()) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
      void this.closed.then(({ code }) => reject(new Error(`closed with ${code} after ${JSON.stringify(this.messages)}`)));
    });
  }

  /** Resolves when the server has read all that was sent so far: it answers in order. */
  async wasRead(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.socket.once('pong', () => resolve()));
    this.socket.ping();
    await answered;
  }
}

/** The client once it is connected, or how it was refused. @throws Error if there is neither a connection nor an answer */
export async function attempted<Client extends { readonly socket: WebSocket }>(client: Client): Promise<Client | Refused> {
  return new Promise((resolve, reject) => {
    client.socket.once('open', () => resolve(client));
    client.socket.once('error', reject);
    client.socket.once('unexpected-response', (request: ClientRequest, answer: IncomingMessage) => {
      void answer.toArray().then((chunks: Buffer[]) => {
        request.destroy();
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
      }, reject);
    });
  });
}

/** @throws Error if the server refused */
export function connected<Client extends { readonly socket: WebSocket }>(outcome: Client | Refused): Client {
  if ('socket' in outcome) return outcome;
  throw new Error(`refused: ${outcome.status} ${JSON.stringify(outcome.body)}`);
}
