import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { realtimeProtocol } from '../../../server/realtime/realtime-protocol.ts';
import { createStreamServer, type StreamServer } from '../../../server/sockets/create-stream-server.ts';
import { type ManualScheduler, manualScheduler } from '../../support/manual-scheduler.ts';
import { createTestService, type TestService, type TestServiceOptions } from '../../support/test-service.ts';
import type { Refused } from '../../support/web-socket-client.ts';
import { RealtimeClient, type RealtimeClientOptions } from './realtime-client.ts';

export interface RealtimeServer {
  readonly url: string;
  readonly service: TestService;
  readonly streams: StreamServer;
  readonly time: ManualScheduler;
  readonly connect: (options?: RealtimeClientOptions) => Promise<RealtimeClient>;
  readonly attempt: (options?: RealtimeClientOptions) => Promise<RealtimeClient | Refused>;
}

/** Serves realtime sessions of a service of the tests on a free port, until the test has finished; time stands still. */
export async function realtimeServer(options: TestServiceOptions = {}): Promise<RealtimeServer> {
  const service = createTestService(options);
  const time = manualScheduler();
  const streams = createStreamServer(service, [realtimeProtocol()], { schedule: time.schedule });
  const server = createServer();
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  streams.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    service,
    streams,
    time,
    connect: (client = {}) => RealtimeClient.connect(url, client),
    attempt: (client = {}) => RealtimeClient.attempt(url, client),
  };
}

const RATE_HZ = 24_000;

/** So much of what the detector of the tests takes for speech; 16-bit, 24 kHz. */
export function speech(seconds: number): Int16Array {
  return new Int16Array(seconds * RATE_HZ).fill(29_000);
}

export function silence(seconds: number): Int16Array {
  return new Int16Array(seconds * RATE_HZ);
}
