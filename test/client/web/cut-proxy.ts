import net from 'node:net';

/** A network that can fail: it passes bytes on, until it is told to cut. */
export interface CutProxy {
  readonly url: string;
  /** Ends all connections that go through it, without a goodbye. */
  cut(): void;
  /** Whether new ones get through. */
  open: boolean;
  close(): Promise<void>;
}

export async function cutProxy(target: URL): Promise<CutProxy> {
  const sockets = new Set<net.Socket>();
  const proxy = { open: true };
  const server = net.createServer((client) => {
    if (!proxy.open) {
      client.destroy();
      return;
    }
    const service = net.connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, service],
      [service, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined); // it closes then
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${port}/`,
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
