import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type WebSocket from 'ws';
import { deepgramProtocol } from '../../../server/deepgram/deepgram-protocol.ts';
import type { Service } from '../../../server/service.ts';
import { createStreamServer, type StreamServer } from '../../../server/sockets/create-stream-server.ts';
import type { Scheduler } from '../../../server/sockets/scheduler.ts';
import { type ManualScheduler, manualScheduler } from '../../support/manual-scheduler.ts';
import { createTestService, type TestService, type TestServiceOptions } from '../../support/test-service.ts';
import { DeepgramClient } from './deepgram-client.ts';

export const CREATED = new Date('2026-01-02T03:04:05Z');

/** Serves Deepgram's streams on a free port, until the test has finished. */
export async function serveListen(service: Service, schedule?: Scheduler): Promise<{ url: string; streams: StreamServer }> {
  const protocol = deepgramProtocol({ now: () => CREATED });
  const streams = createStreamServer(service, [protocol], schedule === undefined ? {} : { schedule });
  const server = createServer();
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  streams.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, streams };
}

export interface ListenServer {
  readonly url: string;
  readonly service: TestService;
  readonly streams: StreamServer;
  readonly time: ManualScheduler;
  /** @param query `model=nova-3&encoding=…` beside 16-bit samples at 16 kHz and Spanish */
  readonly connect: (query?: string, options?: WebSocket.ClientOptions) => Promise<DeepgramClient>;
}

/** The same for a service of the tests; its time stands still. */
export async function listenServer(options: TestServiceOptions = {}): Promise<ListenServer> {
  const service = createTestService(options);
  const time = manualScheduler();
  const { url, streams } = await serveListen(service, time.schedule);
  const basics = 'model=nova-3&encoding=linear16&sample_rate=16000&language=es';
  return {
    url,
    service,
    streams,
    time,
    connect: (query = '', clientOptions = {}) => DeepgramClient.connect(`${url}/v1/listen?${basics}&${query}`, clientOptions),
  };
}
