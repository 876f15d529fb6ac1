import type { IncomingMessage } from 'node:http';
import { bearerToken } from '../access/bearer-token.ts';
import { offeredSubprotocols } from '../sockets/offered-subprotocols.ts';
import { describeOpenAiRefusal } from '../sockets/openai-refusal.ts';
import type { StreamProtocol } from '../sockets/stream-protocol.ts';
import { StreamSession } from './stream-session.ts';

/** What is selected of the subprotocols that a client offers. */
const SUBPROTOCOL = 'flora-asr';
/** Browsers cannot set headers: they offer this with their key behind it, beside the subprotocol itself. */
const KEY_SUBPROTOCOL = 'flora-asr-key.';

/** The streams of `/v1/stream`. */
export function nativeProtocol(): StreamProtocol {
  return {
    name: 'stream',
    path: '/v1/stream',
    keyOf,
    selectSubprotocol: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : null),
    describeRefusal: describeOpenAiRefusal,
    prepare: (stream) => ({ begin: (socket, onClosed) => new StreamSession({ ...stream, socket, onClosed }) }),
  };
}

function keyOf(request: IncomingMessage): string | null {
  const withKey = offeredSubprotocols(request).find((name) => name.startsWith(KEY_SUBPROTOCOL));
  return bearerToken(request.headers.authorization) ?? withKey?.slice(KEY_SUBPROTOCOL.length) ?? null;
}
