import type { IncomingMessage } from 'node:http';
import { bearerToken } from '../access/bearer-token.ts';
import type { Service } from '../service.ts';
import { offeredSubprotocols } from '../sockets/offered-subprotocols.ts';
import { describeOpenAiRefusal } from '../sockets/openai-refusal.ts';
import type { StreamProtocol } from '../sockets/stream-protocol.ts';
import { ResumableSessions } from './resumable-sessions.ts';
import type { StreamSession } from './stream-session.ts';
import { StreamSocket } from './stream-socket.ts';

/** What is selected of the subprotocols that a client offers. */
const SUBPROTOCOL = 'flora-asr';
/** Browsers cannot set headers: they offer this with their key behind it, beside the subprotocol itself. */
const KEY_SUBPROTOCOL = 'flora-asr-key.';

/** The streams of `/v1/stream`. */
export function nativeProtocol({ configuration, metrics }: Pick<Service, 'configuration' | 'metrics'>): StreamProtocol {
  const { maxDetachedStreams: most, maxDetachedPerKey: mostPerClient } = configuration;
  const sessions = new ResumableSessions<StreamSession>({ most, mostPerClient }, (count) => metrics.streamsDetached(count));
  return {
    name: 'stream',
    path: '/v1/stream',
    keyOf,
    selectSubprotocol: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : null),
    describeRefusal: describeOpenAiRefusal,
    prepare: (stream) => ({ begin: (socket, onClosed) => new StreamSocket({ stream, socket, sessions, onClosed }) }),
    drain: () => sessions.drain(),
  };
}

function keyOf(request: IncomingMessage): string | null {
  const withKey = offeredSubprotocols(request).find((name) => name.startsWith(KEY_SUBPROTOCOL));
  return bearerToken(request.headers.authorization) ?? withKey?.slice(KEY_SUBPROTOCOL.length) ?? null;
}
