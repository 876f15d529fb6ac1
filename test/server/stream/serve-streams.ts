import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Service } from '../../../server/service.ts';
import { createStreamServer, type StreamServer } from '../../../server/sockets/create-stream-server.ts';
import type { Scheduler } from '../../../server/sockets/scheduler.ts';
import { nativeProtocol } from '../../../server/stream/native-protocol.ts';
import { type ManualScheduler, manualScheduler } from '../../support/manual-scheduler.ts';
import { StreamClient, type StreamClientOptions } from '../../support/stream-client.ts';
import { createTestService, type TestService, type TestServiceOptions } from '../../support/test-service.ts';

export interface ServedStreams {
  readonly url: string;
  readonly streams: StreamServer;
  readonly connect: (options?: Omit<StreamClientOptions, 'url'>) => Promise<StreamClient>;
  readonly attempt: (options?: Omit<StreamClientOptions, 'url'>) => ReturnType<typeof StreamClient.attempt>;
}

/** Serves a service's streams on a free port, until the test has finished. */
export async function serveStreams(service: Service, schedule?: Scheduler): Promise<ServedStreams> {
  const streams = createStreamServer(service, [nativeProtocol(service)], schedule === undefined ? {} : { schedule });
  // what a client asks for that wonders why it got no stream
  const server = createServer((_, response) => response.end('{}'));
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  streams.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1_024, resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    streams,
    connect: (options = {}) => StreamClient.connect({ url, ...options }),
    attempt: (options = {}) => StreamClient.attempt({ url, ...options }),
  };
}

export interface TestStreams extends ServedStreams {
  readonly service: TestService;
  readonly time: ManualScheduler;
}

/** The same for a service of the tests; its time stands still. */
export async function testStreams(options: TestServiceOptions = {}): Promise<TestStreams> {
  const service = createTestService(options);
  const time = manualScheduler();
  return { ...(await serveStreams(service, time.schedule)), service, time };
}

const SAMPLE_RATE_HZ = 16_000;

/** So much of what the detector of the tests takes for speech; 16-bit, 16 kHz. */
export function speech(seconds: number): Int16Array {
  return new Int16Array(seconds * SAMPLE_RATE_HZ).fill(29_000);
}

export function silence(seconds: number): Int16Array {
  return new Int16Array(seconds * SAMPLE_RATE_HZ);
}

/** Words that are there when the test says so. */
export interface HeldEngine {
  readonly hear: () => Promise<string>;
  letGo(): void;
}

export function heldEngine(text = 'words'): HeldEngine {
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { hear: () => gate.then(() => text), letGo };
}

/** Resolves when it is so: for what no message tells. */
export async function eventually(isIt: () => boolean): Promise<void> {
  while (!isIt()) await sleep(2);
}
