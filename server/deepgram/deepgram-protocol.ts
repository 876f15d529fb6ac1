import type { IncomingMessage } from 'node:http';
import { bearerToken } from '../access/bearer-token.ts';
import { offeredSubprotocols } from '../sockets/offered-subprotocols.ts';
import type { AdmittedStream, PreparedStream, StreamProtocol } from '../sockets/stream-protocol.ts';
import { chooseSpeech } from './choose-speech.ts';
import { deepgramRefusal } from './deepgram-error.ts';
import { DeepgramSession } from './deepgram-session.ts';
import { parseStreamQuery } from './listen-query.ts';

export interface DeepgramProtocolOptions {
  /** names the ffmpeg to run */
  readonly env?: NodeJS.ProcessEnv;
  readonly now?: () => Date;
}

export const LISTEN_PATH = '/v1/listen';

/** Browsers cannot set headers: they offer one of these, and behind it their key. */
const KEY_SUBPROTOCOLS: readonly string[] = ['token', 'bearer'];

/** Deepgram's streams. */
export function deepgramProtocol({ env = process.env, now = () => new Date() }: DeepgramProtocolOptions = {}): StreamProtocol {
  return {
    name: 'deepgram',
    path: LISTEN_PATH,
    keyOf,
    // the first only: the others are the key, and the client's name for its session
    selectSubprotocol: (offered) => KEY_SUBPROTOCOLS.find((name) => offered.has(name)) ?? null,
    describeRefusal: deepgramRefusal,
    prepare: (stream) => prepare(stream, { env, now }),
  };
}

function prepare({ request, ...stream }: AdmittedStream, { env, now }: Required<DeepgramProtocolOptions>): PreparedStream {
  const query = parseStreamQuery(queryOf(request));
  const { configuration } = stream.service;
  const language = chooseSpeech(query, { configuration, engine: stream.recogniser.engine });
  return {
    headers: { 'dg-request-id': stream.streamId },
    begin: (socket, onClosed) => new DeepgramSession({ ...stream, socket, query, language, env, created: now(), onClosed }),
  };
}

export function queryOf({ url = '' }: Pick<IncomingMessage, 'url'>): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
}

function keyOf(request: IncomingMessage): string | null {
  const offered = offeredSubprotocols(request);
  const at = offered.findIndex((name) => KEY_SUBPROTOCOLS.includes(name));
  return bearerToken(request.headers.authorization) ?? (at === -1 ? null : (offered[at + 1] ?? null));
}
