import type { IncomingMessage } from 'node:http';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { Client, Release } from '../access/access.ts';
import { originAllowed } from '../access/origin.ts';
import type { ServerConfiguration } from '../configuration/settings.ts';
import type { Recogniser } from '../recogniser.ts';
import type { Service } from '../service.ts';

export interface Admission {
  readonly client: Client;
  readonly recogniser: Recogniser;
  /** To be called when the stream has ended, or never came to be. */
  readonly release: Release;
}

/**
 * Decides whether a client may open a stream, before there is one.
 * @param key that it shows, or null
 * @throws FloraAsrError `origin_forbidden`, `key_missing`, `key_unknown`, `starting`, `draining`, `engine_closed`, `rate_limited`, `too_many_streams`
 */
export async function admitStream(request: IncomingMessage, key: string | null, service: Service): Promise<Admission> {
  requireOrigin(request, service.configuration);
  const client = service.access.identify(key);
  service.recogniser();
  const release = await service.access.admitStream(client);
  try {
    // a drain may have begun meanwhile
    return { client, recogniser: service.recogniser(), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** @throws FloraAsrError `request_invalid`, `method_not_allowed` */
export function requireWebSocket({ method, headers: { upgrade = '' } }: IncomingMessage): void {
  if (upgrade.toLowerCase() !== 'websocket') {
    // some clients offer HTTP/2 with every request, and Node leaves such a request to whoever takes upgrades
    const other = `Only WebSockets can be upgraded to, and not ${upgrade.slice(0, 50)}; send the request as HTTP/1.1 without Upgrade.`;
    throw new FloraAsrError('request_invalid', other, { param: 'upgrade' });
  }
  if (method !== 'GET') throw new FloraAsrError('method_not_allowed', `A WebSocket is opened by GET, and not by ${method}.`);
}

function requireOrigin({ headers: { origin, host } }: IncomingMessage, configuration: ServerConfiguration): void {
  if (originAllowed(origin, host, configuration)) return;
  throw new FloraAsrError(
    'origin_forbidden',
    `Pages of ${origin?.slice(0, 200)} may not open streams here; the service's operator can allow them (ALLOWED_ORIGINS).`,
  );
}
