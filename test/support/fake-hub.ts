import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeHub {
  readonly url: string;
  /** method, path and range of every request, in order */
  readonly requests: string[];
  /** what the hub does wrong from now on */
  fault: HubFault;
  close(): Promise<void>;
}

export interface HubFault {
  /** Every download breaks after so many bytes. */
  readonly cutAfterBytes?: number;
  /** A download stops for good after so many bytes, and stays open. */
  readonly stallAfterBytes?: number;
  /** Downloads bring other bytes than the digest promises. */
  readonly wrongBytes?: boolean;
}

const COMMIT = 'c0ffee';

/** A hub on this machine: `repository/file` to content; files named `model*` lie elsewhere, as large files do. */
export async function startFakeHub(files: Readonly<Record<string, Buffer>>): Promise<FakeHub> {
  const hub = { requests: [] as string[], fault: {} as HubFault };
  const server = createServer((request, response) => {
    hub.requests.push(`${request.method} ${request.url}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    answer(request, response, { files, fault: hub.fault });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(hub, {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

interface HubState {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly fault: HubFault;
}

function answer(request: IncomingMessage, response: ServerResponse, { files, fault }: HubState): void {
  const [, stored] = /^\/store\/(.+)$/.exec(request.url ?? '') ?? [];
  if (stored !== undefined) return send(request, response, { content: files[stored] as Buffer, fault });
  const [, repository, file = ''] = /^\/(.+)\/resolve\/(?:main|c0ffee)\/(.+)$/.exec(request.url ?? '') ?? [];
  const content = files[`${repository}/${file}`];
  response.setHeader('x-repo-commit', COMMIT);
  if (content === undefined) return void response.writeHead(404).end();
  if (!/^model.*\.(bin|safetensors)$/.test(file)) return send(request, response, { content, fault: {} });
  response.writeHead(302, {
    location: `/store/${repository}/${file}`,
    'x-linked-etag': `"${createHash('sha256').update(content).digest('hex')}"`,
    'x-linked-size': content.length,
  });
  response.end();
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { content, fault }: { content: Buffer; fault: HubFault },
): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const body = fault.wrongBytes ? Buffer.alloc(content.length - start, 7) : content.subarray(start);
  const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': body.length, ...(start > 0 ? range : {}) });
  const { cutAfterBytes, stallAfterBytes } = fault;
  if (cutAfterBytes !== undefined && cutAfterBytes < body.length) {
    response.write(body.subarray(0, cutAfterBytes), () => setTimeout(() => response.destroy(), 20));
  } else if (stallAfterBytes !== undefined) response.write(body.subarray(0, stallAfterBytes));
  else response.end(body);
}
