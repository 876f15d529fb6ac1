import { once } from 'node:events';
import WebSocket from 'ws';
import type { ErrorBody } from '../../../server/protocol/rest-messages.ts';
import { type FinalMessage, type ServerMessage, serverMessageSchema } from '../../../server/protocol/stream-messages.ts';

export interface CaptionClientOptions {
  /** of the service, http */
  readonly url: string;
  readonly language: string;
}

export interface StreamEnd {
  readonly code: number;
  readonly messages: readonly ServerMessage[];
}

/** One stream of 16 kHz audio over a real socket. */
export class CaptionClient {
  readonly messages: ServerMessage[] = [];
  readonly #socket: WebSocket;
  /** Resolves when the connection has gone, however it went. */
  readonly ended: Promise<StreamEnd>;

  /** Resolves when the service is ready for audio. @throws Error if it refuses */
  static async open({ url, language }: CaptionClientOptions): Promise<CaptionClient> {
    const client = new CaptionClient(new WebSocket(`${url.replace('http', 'ws')}/v1/stream`));
    await once(client.#socket, 'open');
    client.#socket.send(JSON.stringify({ type: 'start', language, encoding: 'pcm_s16le', sample_rate: 16_000 }));
    await client.until(({ type }) => type === 'ready');
    return client;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => {
      socket.on('close', (code) => resolve({ code, messages: this.messages }));
    });
    socket.on('error', () => undefined); // `ended` and `open` tell
    socket.on('message', (data: Buffer) => this.messages.push(serverMessageSchema.parse(JSON.parse(data.toString()))));
  }

  get finals(): readonly FinalMessage[] {
    return this.messages.filter((message) => message.type === 'final');
  }

  send(samples: Int16Array): void {
    for (let at = 0; at < samples.length; at += FRAME_SAMPLES) this.#socket.send(samples.subarray(at, at + FRAME_SAMPLES));
  }

  flush(): void {
    this.#socket.send(JSON.stringify({ type: 'flush' }));
  }

  async finish(): Promise<StreamEnd> {
    this.#socket.send(JSON.stringify({ type: 'finish' }));
    return this.ended;
  }

  /** Resolves when the service has read all that was sent: it answers in order. */
  async wasRead(): Promise<void> {
    this.#socket.ping();
    await once(this.#socket, 'pong');
  }

  async until(isIt: (message: ServerMessage) => boolean): Promise<void> {
    while (!this.messages.some(isIt)) {
      if (this.#socket.readyState === WebSocket.CLOSED) throw new Error(`closed after ${JSON.stringify(this.messages)}`);
      await Promise.race([once(this.#socket, 'message'), this.ended]);
    }
  }

  /** Gone, without a goodbye. */
  vanish(): void {
    this.#socket.terminate();
  }
}

const FRAME_SAMPLES = 320;

/** How the service refuses a stream before it is one. @throws Error if it does not */
export async function refusedStream(url: string): Promise<{ readonly status: number; readonly code: string }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`);
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.terminate();
      reject(new Error('The stream was not refused.'));
    });
    socket.on('error', reject);
    socket.on('unexpected-response', (_, answer) => {
      const { statusCode: status = 0 } = answer;
      const code = answer.toArray().then((body) => (JSON.parse(Buffer.concat(body).toString()) as ErrorBody).error.code);
      code.then((told) => resolve({ status, code: told }), reject);
    });
  });
}

/** The words of a stream. */
export function textOf(messages: readonly ServerMessage[]): string {
  return messages.flatMap((message) => (message.type === 'final' ? [message.text] : [])).join(' ');
}
