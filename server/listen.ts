import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { FloraAsrError } from '../kernels/errors.ts';
import type { ServerConfiguration } from './configuration/settings.ts';

export interface Listener {
  readonly server: http.Server | https.Server;
  readonly url: string;
  /** Resolves when no request is being answered. */
  idle(): Promise<void>;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** For a client to send its headers: connections that say nothing do not stay. */
const HEADERS_TIMEOUT_MS = 15_000;
/** Above what proxies keep idle connections for, so that they close them first. */
const KEEP_ALIVE_MS = 75_000;
/** The route answers a slow upload itself; this ends those that got past it. */
const BEYOND_UPLOAD_MS = 10_000;
const CHECK_INTERVAL_MS = 5_000;

/** Serves http, or https where there is a certificate. @throws FloraAsrError `configuration_invalid` */
export async function listen(app: http.RequestListener, configuration: ServerConfiguration): Promise<Listener> {
  const { host, port, tls, uploadTimeoutSeconds } = configuration;
  const options = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: uploadTimeoutSeconds * 1000 + BEYOND_UPLOAD_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
  };
  const server = tls === null ? http.createServer(options) : https.createServer({ ...options, ...certificateOf(tls) });
  const requests = new OpenRequests();
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    requests.enter(response);
    app(request, response);
  });
  await bind(server, { host, port });
  const { port: bound } = server.address() as AddressInfo;
  return {
    server,
    url: `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    idle: () => requests.idle(),
    close: () => closeServer(server),
  };
}

function certificateOf({ certPath, keyPath }: NonNullable<ServerConfiguration['tls']>): https.ServerOptions {
  return { cert: readFileSync(certPath), key: readFileSync(keyPath), minVersion: 'TLSv1.2' };
}

async function bind(server: http.Server | https.Server, { host, port }: { host: string; port: number }): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'something listens there already; set PORT to another' : message;
    throw new FloraAsrError('configuration_invalid', `Cannot listen at ${host}, port ${port}: ${reason}.`, {
      cause,
      param: 'PORT',
    });
  }
}

async function closeServer(server: http.Server | https.Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
}

/** Requests whose answer is not out yet. */
class OpenRequests {
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  enter(response: http.ServerResponse): void {
    this.#open += 1;
    response.once('close', () => {
      this.#open -= 1;
      if (this.#open === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  async idle(): Promise<void> {
    if (this.#open === 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
