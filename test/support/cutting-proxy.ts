import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** After how many bytes a connection is cut, both ways at once. */
export interface Cut {
  readonly towards: 'server' | 'client';
  readonly afterBytes: number;
}

export interface CuttingProxy {
  readonly url: string;
  /** The next connections are cut so, each by one, in this order; those after them are not. */
  plan(cuts: readonly Cut[]): void;
  /** The next connections are to this server. */
  forwardTo(serverUrl: string): void;
  /** connections that were cut */
  readonly cuts: number;
}

/** A network in front of a server that fails at any byte, even within a frame. Ends with the test. */
export async function cuttingProxy(serverUrl: string): Promise<CuttingProxy> {
  let { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let planned: readonly Cut[] = [];
  let cuts = 0;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    const [cut, ...rest] = planned;
    planned = rest;
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    const pass = (from: Socket, to: Socket, towards: Cut['towards']) => {
      let left = cut?.towards === towards ? cut.afterBytes : Number.POSITIVE_INFINITY;
      from.on('data', (bytes: Buffer) => {
        if (bytes.length < left) {
          left -= bytes.length;
          to.write(bytes);
          return;
        }
        cuts += 1;
        from.pause();
        // what comes before the cut arrives
        to.write(bytes.subarray(0, left), end);
      });
    };
    pass(client, server, 'server');
    pass(server, client, 'client');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    plan(next) {
      planned = next;
    },
    forwardTo(next) {
      ({ hostname, port } = new URL(next));
    },
    get cuts() {
      return cuts;
    },
  };
}
