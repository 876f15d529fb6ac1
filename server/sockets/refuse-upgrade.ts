import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { describeError, type ErrorDescription } from '../describe-error.ts';
import { requestIdOf } from '../request-id.ts';
import type { Service } from '../service.ts';
import type { Scheduler } from './scheduler.ts';
import type { RefusalAnswer, StreamProtocol } from './stream-protocol.ts';

export interface Refusal {
  readonly error: unknown;
  readonly protocol: Pick<StreamProtocol, 'name' | 'describeRefusal'>;
  readonly service: Pick<Service, 'metrics' | 'log'>;
  readonly schedule: Scheduler;
}

/** What a client is still sending is read, and dropped, for so long: to close at once could reset the answer away. */
const LINGER_MS = 1_000;
/** For what passes by itself, where nothing more exact is known. */
const DEFAULT_RETRY_AFTER_MS = 1_000;

/** Answers an upgrade as HTTP, in its protocol's form, and closes the connection. */
export function refuseUpgrade(request: IncomingMessage, socket: Duplex, { error, protocol, service, schedule }: Refusal): void {
  const description = describeError(error);
  const { code, status } = description;
  const requestId = requestIdOf(request);
  service.metrics.refused(protocol.name, code);
  const facts = { protocol: protocol.name, requestId, code };
  if (status === 500) service.log.error({ ...facts, err: error }, 'stream refused');
  else service.log.info(facts, 'stream refused');
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(answerOf(request, { description, requestId, answer: protocol.describeRefusal(description, requestId) }));
  socket.resume();
  const stopWaiting = schedule(() => socket.destroy(), LINGER_MS);
  socket.once('close', stopWaiting);
}

interface RefusedUpgrade {
  readonly description: ErrorDescription;
  readonly requestId: string;
  readonly answer: RefusalAnswer;
}

function answerOf({ method }: IncomingMessage, { description, requestId, answer }: RefusedUpgrade): string {
  const { status = description.status } = answer;
  const body = JSON.stringify(answer.body);
  const headers = {
    connection: 'close',
    'content-type': 'application/json',
    'content-length': `${Buffer.byteLength(body)}`,
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...headersOf(description),
    ...answer.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${method === 'HEAD' ? '' : body}`;
}

function headersOf({ status, retryable, retryAfterMs }: ErrorDescription): Readonly<Record<string, string>> {
  if (retryable && (status === 429 || status === 503)) {
    return { 'retry-after': `${Math.ceil((retryAfterMs ?? DEFAULT_RETRY_AFTER_MS) / 1000)}`, 'x-should-retry': 'true' };
  }
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  return status === 405 ? { allow: 'GET' } : {};
}
