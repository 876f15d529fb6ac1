import WebSocket from 'ws';
import { FloraAsrError } from '../../../kernels/errors.ts';
import {
  type ClientMessageInput,
  type FinalMessage,
  type ServerMessage,
  serverMessageSchema,
} from '../../../server/protocol/stream-messages.ts';

export interface StreamClientOptions {
  /** of the service: `http://…` */
  readonly url: string;
  readonly start: Extract<ClientMessageInput, { type: 'start' }>;
  /** monotonic milliseconds */
  readonly clock: () => number;
}

export interface ReceivedFinal {
  readonly message: FinalMessage;
  readonly receivedMs: number;
}

export interface ReceivedPartial {
  readonly message: Extract<ServerMessage, { type: 'partial' }>;
  readonly receivedMs: number;
}

/** What one stream was told. */
export interface StreamRecord {
  /** in the order in which they came; none unless start asked for them */
  readonly partials: readonly ReceivedPartial[];
  /** in the order in which they came */
  readonly finals: readonly ReceivedFinal[];
  readonly errors: readonly Extract<ServerMessage, { type: 'error' }>[];
  /** utterances that began */
  readonly speechStarted: number;
  /** null if the connection ended without it */
  readonly closed: Extract<ServerMessage, { type: 'closed' }> | null;
}

/** A client of `/v1/stream` that keeps what it is told, and when. */
export class StreamClient {
  readonly #socket: WebSocket;
  readonly #clock: () => number;
  readonly #partials: ReceivedPartial[] = [];
  readonly #finals: ReceivedFinal[] = [];
  readonly #errors: Extract<ServerMessage, { type: 'error' }>[] = [];
  #speechStarted = 0;
  #closed: StreamRecord['closed'] = null;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>;

  /** Resolves when the service takes audio. @throws FloraAsrError `tool_failed` if it does not */
  static async open(options: StreamClientOptions): Promise<StreamClient> {
    const client = new StreamClient(options);
    await client.#ready;
    return client;
  }

  readonly #ready: Promise<void>;
  #tellReady: () => void = () => undefined;

  private constructor({ url, start, clock }: StreamClientOptions) {
    this.#clock = clock;
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/stream`);
    const ready = new Promise<void>((resolve) => {
      this.#tellReady = resolve;
    });
    let failure = '';
    this.ended = new Promise((resolve) => this.#socket.on('close', () => resolve()));
    this.#ready = Promise.race([
      ready,
      this.ended.then(() => {
        throw new FloraAsrError('tool_failed', `The service took no stream: ${this.#errors[0]?.message ?? failure}`);
      }),
    ]);
    this.#ready.catch(() => undefined); // `open` awaits it
    this.#socket.on('error', (error) => {
      failure = error.message; // and then it closes
    });
    this.#socket.on('open', () => this.#socket.send(JSON.stringify(start)));
    this.#socket.on('message', (data: Buffer) => this.#take(serverMessageSchema.parse(JSON.parse(data.toString()))));
  }

  get record(): StreamRecord {
    return {
      partials: this.#partials,
      finals: this.#finals,
      errors: this.#errors,
      speechStarted: this.#speechStarted,
      closed: this.#closed,
    };
  }

  /** Goes nowhere once the connection has ended: the record tells that. */
  send(frame: Int16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** Ends the utterance that is open, now. */
  flush(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: 'flush' }));
  }

  /** No more audio comes. */
  finish(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: 'finish' }));
  }

  /** Ends the connection at once, if it has not ended. */
  abandon(): void {
    this.#socket.terminate();
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'ready':
        return this.#tellReady();
      case 'accepted':
      case 'language':
      case 'resumed':
        return; // it asks for none of these
      case 'speech_started':
        this.#speechStarted += 1;
        return;
      case 'partial':
        this.#partials.push({ message, receivedMs: this.#clock() });
        return;
      case 'final':
        this.#finals.push({ message, receivedMs: this.#clock() });
        return;
      case 'error':
        this.#errors.push(message);
        return;
      case 'closed':
        this.#closed = message;
        return;
    }
  }
}
