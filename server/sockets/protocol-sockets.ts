import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Server, WebSocketServer } from 'ws';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Service } from '../service.ts';
import { admitStream } from './admit-stream.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import type { Scheduler } from './scheduler.ts';
import { SessionSocket } from './session-socket.ts';
import type { PreparedStream, SocketSession, StreamProtocol } from './stream-protocol.ts';

export interface ProtocolSocketsOptions {
  readonly protocol: StreamProtocol;
  readonly service: Service;
  readonly schedule: Scheduler;
}

/** For a client to answer our close frame. */
const CLOSE_TIMEOUT_MS = 5_000;

/** The sockets of one protocol, from the handshake until they are no more. */
export class ProtocolSockets {
  readonly protocol: StreamProtocol;
  readonly #service: Service;
  readonly #schedule: Scheduler;
  readonly #sockets: Server<typeof SessionSocket>;
  readonly #sessions = new Set<SocketSession>();
  /** headers of handshakes that are being accepted */
  readonly #headers = new WeakMap<IncomingMessage, Readonly<Record<string, string>>>();
  readonly #waiting: (() => void)[] = [];
  #draining = false;

  constructor({ protocol, service, schedule }: ProtocolSocketsOptions) {
    this.protocol = protocol;
    this.#service = service;
    this.#schedule = schedule;
    const { maxFrameBytes } = service.configuration;
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // a message of each connection in turn: else thousands of tiny ones come at once, and others have to wait for them
      allowSynchronousEvents: false,
      maxPayload: protocol.longestMessageBytes?.(maxFrameBytes) ?? maxFrameBytes,
      closeTimeout: CLOSE_TIMEOUT_MS,
      WebSocket: SessionSocket,
      handleProtocols: (offered: Set<string>) => protocol.selectSubprotocol(offered) ?? (false as const),
    };
    this.#sockets = new WebSocketServer(options);
    this.#sockets.on('headers', (lines, request) => {
      for (const [name, value] of Object.entries(this.#headers.get(request) ?? {})) lines.push(`${name}: ${value}`);
    });
    this.#sockets.on('wsClientError', ({ message }, socket, request) => {
      const error = new FloraAsrError('request_invalid', `The WebSocket handshake is wrong: ${message}.`);
      refuseUpgrade(request, socket, { error, protocol, service, schedule });
    });
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** @throws FloraAsrError as `admitStream`, and what the protocol refuses */
  async open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { client, recogniser, release } = await admitStream(request, this.protocol.keyOf(request), this.#service);
    let opened = false;
    try {
      if (this.#draining)
        throw new FloraAsrError('draining', 'The service is shutting down; open the stream elsewhere or later.');
      const streamId = randomUUID();
      const prepared = this.protocol.prepare({
        request,
        client,
        recogniser,
        streamId,
        service: this.#service,
        schedule: this.#schedule,
      });
      if (prepared.headers !== undefined) this.#headers.set(request, prepared.headers);
      // it calls back at once, or never: then it has answered, or the client has gone
      this.#sockets.handleUpgrade(request, socket, head, (ws) => {
        opened = true;
        this.#begin(ws, prepared, release);
      });
    } finally {
      if (!opened) release();
    }
  }

  async drain(): Promise<void> {
    this.#draining = true;
    this.protocol.drain?.();
    for (const session of this.#sessions) session.drain();
    if (this.#sessions.size > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  closeAll(): void {
    this.#draining = true;
    this.protocol.drain?.();
    for (const session of this.#sessions) session.abort();
  }

  #begin(socket: SessionSocket, prepared: PreparedStream, release: () => void): void {
    const session = prepared.begin(socket, () => {
      release();
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    });
    this.#sessions.add(session);
  }
}
