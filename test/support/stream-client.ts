import { setImmediate as otherWork } from 'node:timers/promises';
import WebSocket from 'ws';
import {
  type ClientMessageInput,
  type FinalMessage,
  type ServerMessage,
  serverMessageSchema,
} from '../../server/protocol/stream-messages.ts';
import { attempted, type Closed, connected, type Refused, WebSocketClient } from './web-socket-client.ts';

export interface StreamClientOptions {
  /** of the server: `http://127.0.0.1:8080` */
  readonly url: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  /** left out, it does */
  readonly answersPings?: boolean;
}

export type ClosedStream = Closed<ServerMessage>;

type ErrorMessage = Extract<ServerMessage, { readonly type: 'error' }>;

export const START = { type: 'start', language: 'es', encoding: 'pcm_s16le', sample_rate: 16_000 } as const;

/** A client of `/v1/stream` that keeps what it was told. Every event is held to its schema. */
export class StreamClient extends WebSocketClient<ServerMessage> {
  private constructor(socket: WebSocket) {
    super(socket, (json) => serverMessageSchema.parse(json));
  }

  /** @throws Error if the server refuses */
  static async connect(options: StreamClientOptions): Promise<StreamClient> {
    return connected(await StreamClient.attempt(options));
  }

  /** @throws Error if there is neither a stream nor an answer */
  static async attempt({ url, path = '/v1/stream', ...options }: StreamClientOptions): Promise<StreamClient | Refused> {
    const address = `${url.replace('http', 'ws')}${path}`;
    const { headers = {}, subprotocols = [], answersPings = true } = options;
    const socket = new WebSocket(address, [...subprotocols], { headers: { ...headers }, autoPong: answersPings });
    return attempted(new StreamClient(socket));
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

  /** Resolves when all that was sent has left this process, or the connection is no more. */
  async wasSent(): Promise<void> {
    while (this.socket.bufferedAmount > 0 && this.socket.readyState === WebSocket.OPEN) await otherWork();
  }

  /** Gone, without a goodbye. */
  vanish(): void {
    this.socket.terminate();
  }
}
