import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { setImmediate as otherWork } from 'node:timers/promises';
import WebSocket from 'ws';
import {
  type ClientMessageInput,
  type FinalMessage,
  type ServerMessage,
  serverMessageSchema,
} from '../../server/protocol/stream-messages.ts';

export interface StreamClientOptions {
  /** of the server: `http://127.0.0.1:8080` */
  readonly url: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  /** left out, it does */
  readonly answersPings?: boolean;
}

/** How a server refused to open a stream. */
export interface RefusedStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface ClosedStream {
  /** 1006: without a goodbye */
  readonly code: number;
  readonly messages: readonly ServerMessage[];
}

type ErrorMessage = Extract<ServerMessage, { readonly type: 'error' }>;

export const START = { type: 'start', language: 'es', encoding: 'pcm_s16le', sample_rate: 16_000 } as const;

/** A client of `/v1/stream` that keeps what it was told. Every event is held to its schema. */
export class StreamClient {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  readonly closed: Promise<ClosedStream>;
  readonly #watchers = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.messages.push(serverMessageSchema.parse(JSON.parse(data.toString())));
      for (const watch of [...this.#watchers]) watch();
    });
    socket.on('error', () => undefined); // `closed` tells
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => resolve({ code, messages: this.messages }));
    });
  }

  /** @throws Error if the server refuses */
  static async connect(options: StreamClientOptions): Promise<StreamClient> {
    const opened = await StreamClient.attempt(options);
    if (opened instanceof StreamClient) return opened;
    throw new Error(`refused: ${opened.status} ${JSON.stringify(opened.body)}`);
  }

  /** @throws Error if there is neither a stream nor an answer */
  static async attempt({ url, path = '/v1/stream', ...options }: StreamClientOptions): Promise<StreamClient | RefusedStream> {
    const address = `${url.replace('http', 'ws')}${path}`;
    const { headers = {}, subprotocols = [], answersPings = true } = options;
    const socket = new WebSocket(address, [...subprotocols], { headers: { ...headers }, autoPong: answersPings });
    const client = new StreamClient(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
      socket.once('unexpected-response', (request: ClientRequest, answer: IncomingMessage) => {
        void answer.toArray().then((chunks: Buffer[]) => {
          request.destroy();
          const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
        }, reject);
      });
    });
  }

  get finals(): readonly FinalMessage[] {
    return this.messages.filter((message) => message.type === 'final');
  }

  get errors(): readonly ErrorMessage[] {
    return this.messages.filter((message) => message.type === 'error');
  }

  get text(): string {
    return this.finals.map(({ text }) => text).join(' ');
  }

  /** Resolves when the server is ready for audio. @throws Error if it says something else, or closes */
  async start(
    changes: Partial<Extract<ClientMessageInput, { type: 'start' }>> = {},
  ): Promise<Extract<ServerMessage, { type: 'ready' }>> {
    this.send({ ...START, ...changes });
    return this.until('ready');
  }

  send(message: ClientMessageInput): void {
    this.socket.send(JSON.stringify(message));
  }

  sendAudio(bytes: ArrayBufferView): void {
    this.socket.send(bytes);
  }

  /** Resolves when the connection has closed. */
  async finish(): Promise<ClosedStream> {
    this.send({ type: 'finish' });
    return this.closed;
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

  /** Resolves when all that was sent has left this process, or the connection is no more. */
  async wasSent(): Promise<void> {
    while (this.socket.bufferedAmount > 0 && this.socket.readyState === WebSocket.OPEN) await otherWork();
  }

  /** Resolves when the server has read all that was sent so far: it answers in order. */
  async wasRead(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.socket.once('pong', () => resolve()));
    this.socket.ping();
    await answered;
  }

  /** Gone, without a goodbye. */
  vanish(): void {
    this.socket.terminate();
  }
}
