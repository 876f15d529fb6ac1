import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** It is written to logs as it is. */
const HARMLESS = /^[\w.-]{1,64}$/;

/** What a request is called in answers and logs: the client's own `x-request-id` where it is a harmless one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && HARMLESS.test(given) ? given : randomUUID();
}
