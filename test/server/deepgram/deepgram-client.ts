import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { type ClientMessage, type ServerMessage, serverMessageSchema } from '../../../server/deepgram/messages.ts';

type Results = Extract<ServerMessage, { readonly type: 'Results' }>;

export interface Refused {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** A client of Deepgram's streams that keeps what it was told, each message held to its schema. */
export class DeepgramClient {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** of the handshake */
  headers: IncomingHttpHeaders = {};
  readonly #watchers = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('upgrade', ({ headers }) => {
      this.headers = headers;
    });
    socket.on('message', (data: Buffer) => {
      this.messages.push(serverMessageSchema.parse(JSON.parse(data.toString())));
      for (const watch of [...this.#watchers]) watch();
    });
    socket.on('error', () => undefined); // `closed` tells
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  static async connect(url: string, options: WebSocket.ClientOptions & { protocols?: string[] } = {}): Promise<DeepgramClient> {
    const opened = await DeepgramClient.attempt(url, options);
    if (opened instanceof DeepgramClient) return opened;
    throw new Error(`refused: ${opened.status} ${JSON.stringify(opened.body)}`);
  }

  static async attempt(
    url: string,
    { protocols = [], ...options }: WebSocket.ClientOptions & { protocols?: string[] } = {},
  ): Promise<DeepgramClient | Refused> {
    const socket = new WebSocket(url.replace('http', 'ws'), protocols, options);
    const client = new DeepgramClient(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
      socket.once('unexpected-response', (request, answer: IncomingMessage) => {
        void answer.toArray().then((chunks: Buffer[]) => {
          request.destroy();
          const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
        }, reject);
      });
    });
  }

  get results(): readonly Results[] {
    return this.messages.filter((message) => message.type === 'Results');
  }

  get finals(): readonly Results[] {
    return this.results.filter(({ is_final: isFinal }) => isFinal);
  }

  get transcripts(): readonly string[] {
    return this.finals.map(({ channel }) => channel.alternatives[0]?.transcript ?? '');
  }

  audio(samples: ArrayBufferView): void {
    this.socket.send(samples);
  }

  send(message: ClientMessage | Readonly<Record<string, unknown>>): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The first message of this kind, already there or still to come. @throws Error if the connection closes before */
  async until<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>> {
    await this.when(() => this.messages.some((message) => message.type === type));
    return this.messages.find((message) => message.type === type) as Extract<ServerMessage, { type: Type }>;
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

  /** Resolves when the server has read all that was sent so far. */
  async wasRead(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.socket.once('pong', () => resolve()));
    this.socket.ping();
    await answered;
  }

  /** Resolves when the connection has closed. */
  async closeStream(): Promise<{ readonly code: number; readonly reason: string }> {
    this.send({ type: 'CloseStream' });
    return this.closed;
  }
}
