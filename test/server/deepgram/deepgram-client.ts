import type { IncomingHttpHeaders } from 'node:http';
import WebSocket from 'ws';
import { type ClientMessage, type ServerMessage, serverMessageSchema } from '../../../server/deepgram/messages.ts';
import { attempted, type Closed, connected, type Refused, WebSocketClient } from '../../support/web-socket-client.ts';

type Results = Extract<ServerMessage, { readonly type: 'Results' }>;

/** A client of Deepgram's streams that keeps what it was told, each message held to its schema. */
export class DeepgramClient extends WebSocketClient<ServerMessage> {
  /** of the handshake */
  headers: IncomingHttpHeaders = {};

  private constructor(socket: WebSocket) {
    super(socket, (json) => serverMessageSchema.parse(json));
    socket.on('upgrade', ({ headers }) => {
      this.headers = headers;
    });
  }

  static async connect(url: string, options: WebSocket.ClientOptions & { protocols?: string[] } = {}): Promise<DeepgramClient> {
    return connected(await DeepgramClient.attempt(url, options));
  }

  static async attempt(
    url: string,
    { protocols = [], ...options }: WebSocket.ClientOptions & { protocols?: string[] } = {},
  ): Promise<DeepgramClient | Refused> {
    return attempted(new DeepgramClient(new WebSocket(url.replace('http', 'ws'), protocols, options)));
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

  /** Resolves when the connection has closed. */
  async closeStream(): Promise<Closed<ServerMessage>> {
    this.send({ type: 'CloseStream' });
    return this.closed;
  }
}
