import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach } from 'vitest';
import { createHttpApp, type HttpAppExtras } from '../../server/http/create-http-app.ts';
import type { Service } from '../../server/service.ts';

/** Serves the REST side at a free port; closed after each test of the file that calls this. Returns its address. */
export function httpServers(): (service: Service, extras?: HttpAppExtras) => Promise<URL> {
  const open: http.Server[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  return async (service, extras) => {
    const server = http.createServer(createHttpApp(service, extras));
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  };
}

/** Sends bytes as they are, and reads until the server closes the connection; what comes is not interpreted. */
export async function rawExchange(url: URL, request: string | Uint8Array): Promise<string> {
  const socket = connect(Number(url.port), url.hostname);
  socket.on('error', () => undefined); // a server that has answered may close before all was sent
  socket.write(request);
  return text(socket);
}

export type FormEntry = readonly [name: string, value: string | Uint8Array];

/** A form as `fetch` sends it; a file is given as bytes. Order is kept. */
export function form(...entries: readonly FormEntry[]): FormData {
  const data = new FormData();
  for (const [name, value] of entries) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, new Blob([Uint8Array.from(value)]), 'recording.wav');
  }
  return data;
}
