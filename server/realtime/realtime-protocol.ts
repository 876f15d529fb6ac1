import type { IncomingMessage } from 'node:http';
import { FloraAsrError } from '../../kernels/errors.ts';
import { bearerToken } from '../access/bearer-token.ts';
import { offeredSubprotocols } from '../sockets/offered-subprotocols.ts';
import { describeOpenAiRefusal } from '../sockets/openai-refusal.ts';
import type { AdmittedStream, PreparedStream, StreamProtocol } from '../sockets/stream-protocol.ts';
import { longestEventBytes } from './longest-event.ts';
import { RealtimeSession } from './realtime-session.ts';
import { initialConfiguration } from './session-configuration.ts';
import { speechSettings } from './speech-settings.ts';

/** What is selected of the subprotocols that a client offers. */
const SUBPROTOCOL = 'realtime';
/** Browsers cannot set headers: they offer this with their key behind it, beside the subprotocol itself. */
const KEY_SUBPROTOCOL = 'openai-insecure-api-key.';

/** Those who answer; clients must name one, and say what transcribes in the session. */
const CONVERSATION_MODEL = /^gpt-(4o-(mini-)?)?realtime(?!-whisper)/;

/** The sessions of `/v1/realtime`: transcription, as OpenAI's Realtime API has it. */
export function realtimeProtocol(): StreamProtocol {
  return {
    name: 'realtime',
    path: '/v1/realtime',
    longestMessageBytes: longestEventBytes,
    keyOf,
    selectSubprotocol: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : null),
    describeRefusal: describeOpenAiRefusal,
    prepare,
  };
}

/** @throws FloraAsrError `request_invalid`, `model_not_found` */
function prepare(stream: AdmittedStream): PreparedStream {
  const { request, recogniser, service } = stream;
  const query = new URL(request.url ?? '', 'ws://localhost').searchParams;
  if (query.has('call_id')) {
    throw new FloraAsrError('request_invalid', 'There are no calls to attach to here; leave call_id out.', {
      param: 'call_id',
    });
  }
  const model = query.get('model');
  const transcribes = model !== null && model !== '' && !CONVERSATION_MODEL.test(model);
  const configured = initialConfiguration(transcribes ? model : null);
  // refused before the connection is opened, where it can be
  requireServed(() => speechSettings(configured, { engine: recogniser.engine, configuration: service.configuration }));
  return { begin: (socket, onClosed) => new RealtimeSession({ ...stream, socket, configured, onClosed }) };
}

/** In the address there is no field of a session. */
function requireServed(look: () => unknown): void {
  try {
    look();
  } catch (error) {
    if (!(error instanceof FloraAsrError)) throw error;
    throw new FloraAsrError(error.code, error.message, { cause: error, param: 'model' });
  }
}

function keyOf(request: IncomingMessage): string | null {
  const withKey = offeredSubprotocols(request).find((name) => name.startsWith(KEY_SUBPROTOCOL));
  return bearerToken(request.headers.authorization) ?? withKey?.slice(KEY_SUBPROTOCOL.length) ?? null;
}
