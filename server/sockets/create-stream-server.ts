import type http from 'node:http';
import type https from 'node:https';
import type { Duplex } from 'node:stream';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Service } from '../service.ts';
import { requireWebSocket } from './admit-stream.ts';
import { ProtocolSockets } from './protocol-sockets.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { type Scheduler, systemScheduler } from './scheduler.ts';
import type { StreamProtocol } from './stream-protocol.ts';

/** Streams of audio over WebSockets. */
export interface StreamServer {
  readonly openStreams: number;
  /** Answers the upgrades of a server: those it knows, and the others with 404. */
  attach(server: http.Server | https.Server): void;
  /** Takes no new streams, and ends those that are open as if their clients had said so. Resolves when all have closed. */
  drain(): Promise<void>;
  /** Ends what is open, answered or not. */
  closeAll(): void;
}

type Upgrade = (request: http.IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

/**
 * @param protocols one for each path; the first one's form is that of what is refused at other paths
 * @param extras a scheduler for tests, which do not wait
 */
export function createStreamServer(
  service: Service,
  protocols: readonly [StreamProtocol, ...StreamProtocol[]],
  { schedule = systemScheduler }: { schedule?: Scheduler } = {},
): StreamServer {
  const all = protocols.map((protocol) => new ProtocolSockets({ protocol, service, schedule }));
  const byPath = new Map(all.map((sockets) => [sockets.protocol.path, sockets]));
  const upgrade: Upgrade = async (request, socket, head) => {
    // until ws has it; a socket that fails is closed all the same
    socket.on('error', () => undefined);
    const sockets = byPath.get(pathOf(request));
    try {
      requireWebSocket(request);
      if (sockets === undefined) throw unknownPath(request, [...byPath.keys()]);
      await sockets.open(request, socket, head);
    } catch (error) {
      refuseUpgrade(request, socket, { error, protocol: sockets?.protocol ?? protocols[0], service, schedule });
    }
  };
  return {
    get openStreams() {
      return all.reduce((sum, { count }) => sum + count, 0);
    },
    attach(server) {
      server.on(
        'upgrade',
        (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void upgrade(request, socket, head),
      );
    },
    async drain() {
      await Promise.all(all.map((sockets) => sockets.drain()));
    },
    closeAll() {
      for (const sockets of all) sockets.closeAll();
    },
  };
}

function pathOf({ url = '' }: http.IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function unknownPath(request: http.IncomingMessage, known: readonly string[]): FloraAsrError {
  const path = pathOf(request).slice(0, 200);
  return new FloraAsrError('route_not_found', `No WebSocket can be opened at ${path}, but at ${known.join(', ')}.`);
}
