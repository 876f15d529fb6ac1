import { randomUUID } from 'node:crypto';
import type http from 'node:http';
import type https from 'node:https';
import type { Duplex } from 'node:stream';
import { type Server, WebSocketServer } from 'ws';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Service } from '../service.ts';
import { type AdmittedStream, admitStream, requireWebSocket, SUBPROTOCOL } from './handshake.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { type Scheduler, systemScheduler } from './scheduler.ts';
import { SessionSocket } from './session-socket.ts';
import { StreamSession } from './stream-session.ts';

/** Streams of audio over WebSockets. */
export interface StreamServer {
  readonly openStreams: number;
  /** Answers the upgrades of a server: those it knows, and the others with 404. */
  attach(server: http.Server | https.Server): void;
  /** Takes no new streams, and ends those that are open as if their clients had sent `finish`. Resolves when all have closed. */
  drain(): Promise<void>;
  /** Ends what is open, answered or not. */
  closeAll(): void;
}

/** For a client to answer our close frame. */
const CLOSE_TIMEOUT_MS = 5_000;

type Upgrade = (request: http.IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

/** @param extras a scheduler for tests, which do not wait */
export function createStreamServer(
  service: Service,
  { schedule = systemScheduler }: { schedule?: Scheduler } = {},
): StreamServer {
  const streams = new NativeStreams(service, schedule);
  const protocols: ReadonlyMap<string, Upgrade> = new Map([
    ['/v1/stream', (request, socket, head) => streams.open(request, socket, head)],
  ]);
  const upgrade: Upgrade = async (request, socket, head) => {
    // until ws has it; a socket that fails is closed all the same
    socket.on('error', () => undefined);
    try {
      requireWebSocket(request);
      const open = protocols.get(pathOf(request));
      if (open === undefined) throw unknownPath(request, [...protocols.keys()]);
      await open(request, socket, head);
    } catch (error) {
      refuseUpgrade(request, socket, { error, service, schedule });
    }
  };
  return {
    get openStreams() {
      return streams.count;
    },
    attach(server) {
      server.on(
        'upgrade',
        (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void upgrade(request, socket, head),
      );
    },
    drain: () => streams.drain(),
    closeAll: () => streams.closeAll(),
  };
}

function pathOf({ url = '' }: http.IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function unknownPath(request: http.IncomingMessage, known: readonly string[]): FloraAsrError {
  const path = pathOf(request).slice(0, 200);
  return new FloraAsrError('route_not_found', `No WebSocket can be opened at ${path}, but at ${known.join(', ')}.`);
}

/** The streams of `/v1/stream`. */
class NativeStreams {
  readonly #service: Service;
  readonly #schedule: Scheduler;
  readonly #sockets: Server<typeof SessionSocket>;
  readonly #sessions = new Set<StreamSession>();
  readonly #waiting: (() => void)[] = [];
  #draining = false;

  constructor(service: Service, schedule: Scheduler) {
    this.#service = service;
    this.#schedule = schedule;
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // a message of each connection in turn: else thousands of tiny ones come at once, and others have to wait for them
      allowSynchronousEvents: false,
      maxPayload: service.configuration.maxFrameBytes,
      closeTimeout: CLOSE_TIMEOUT_MS,
      WebSocket: SessionSocket,
      // the key is offered too, and must not come back
      handleProtocols: (offered: Set<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : (false as const)),
    };
    this.#sockets = new WebSocketServer(options);
    this.#sockets.on('wsClientError', ({ message }, socket, request) => {
      const error = new FloraAsrError('request_invalid', `The WebSocket handshake is wrong: ${message}.`);
      refuseUpgrade(request, socket, { error, service, schedule });
    });
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** @throws FloraAsrError as `admitStream` */
  async open(request: http.IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const admitted = await admitStream(request, this.#service);
    let opened = false;
    try {
      if (this.#draining)
        throw new FloraAsrError('draining', 'The service is shutting down; open the stream elsewhere or later.');
      // it calls back at once, or never: then it has answered, or the client has gone
      this.#sockets.handleUpgrade(request, socket, head, (ws) => {
        opened = true;
        this.#begin(ws, admitted);
      });
    } finally {
      if (!opened) admitted.release();
    }
  }

  async drain(): Promise<void> {
    this.#draining = true;
    for (const session of this.#sessions) session.drain();
    if (this.#sessions.size > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  closeAll(): void {
    this.#draining = true;
    for (const session of this.#sessions) session.abort();
  }

  #begin(socket: SessionSocket, { client, recogniser, release }: AdmittedStream): void {
    const session = new StreamSession({
      socket,
      service: this.#service,
      recogniser,
      client,
      streamId: randomUUID(),
      schedule: this.#schedule,
      onClosed: () => {
        release();
        this.#sessions.delete(session);
        if (this.#sessions.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
      },
    });
    this.#sessions.add(session);
  }
}
