import { ownVersion } from '../observability/own-version.ts';
import { closeCodes } from './close-codes.ts';
import { streamMessages } from './describe-messages.ts';
import { codesOf } from './error-codes.ts';

const CHANNEL = 'stream';

/** The WebSocket interface, as AsyncAPI 3.0 describes it. */
export function asyncapiDocument() {
  const messages = streamMessages();
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'flora-asr',
      version: ownVersion(),
      description: DESCRIPTION,
      license: { name: 'Apache-2.0' },
      tags: [{ name: 'speech recognition' }],
    },
    defaultContentType: 'application/json',
    servers: {
      local: { host: '127.0.0.1:8080', protocol: 'ws', description: 'as npm start serves it', security: SECURITY },
      secure: {
        host: '{host}',
        protocol: 'wss',
        description: 'with TLS_CERT and TLS_KEY, or behind a proxy that has a certificate',
        variables: { host: { description: 'where it is served', default: 'asr.example' } },
        security: SECURITY,
      },
    },
    channels: {
      [CHANNEL]: {
        address: '/v1/stream',
        title: 'One stream of audio',
        description:
          'A connection carries one stream: `start` (or `resume`), binary frames of samples, `flush` and `language` where wanted, `finish`.',
        messages: Object.fromEntries(messages.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }])),
        bindings: { ws: handshake() },
      },
    },
    operations: {
      fromClient: operation(
        'receive',
        'What a client sends',
        messages.filter(({ from }) => from === 'client'),
      ),
      toClient: operation(
        'send',
        'What the service sends',
        messages.filter(({ from }) => from === 'server'),
      ),
    },
    components: {
      messages: Object.fromEntries(messages.map(({ name, from: _from, ...message }) => [name, { name, ...message }])),
      securitySchemes: SECURITY_SCHEMES,
    },
    // for the page, and for programs; AsyncAPI has no place for them
    'x-close-codes': closeCodes(),
    'x-error-codes': codesOf('stream'),
  };
}

export type AsyncapiDocument = ReturnType<typeof asyncapiDocument>;

const SECURITY = [{ $ref: '#/components/securitySchemes/bearer' }, { $ref: '#/components/securitySchemes/subprotocol' }];

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'One of the service’s API keys. A service without keys takes any, and none.',
  },
  subprotocol: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description:
      'For browsers, which cannot set other headers: `new WebSocket(url, ["flora-asr", "flora-asr-key.KEY"])`. The service ' +
      'selects `flora-asr`, and never says the key again.',
  },
};

const DESCRIPTION = `Live audio to text, each utterance with its language’s adapter.

A client sends \`start\`, then audio in binary frames of any size, and is answered \`ready\`. Each utterance is told twice: \`speech_started\` when it begins (unless \`endpointing\` is off), and \`final\` with its words soon after it has ended; a pause, \`flush\`, \`language\`, \`finish\`, or its length of 30 s ends it. All audio is accounted for: it is silence, or in a \`final\`, or in an \`error\` that names its time. After \`finish\`, the last finals come, then \`closed\`, and the connection is closed.

With \`partials\`, words come while they are spoken: a \`partial\` says how many characters of its text will not change any more, and the \`final\` begins with them. Long utterances are then told in pieces of some ten seconds (\`ended_by\` is \`length\`). A client that reads slowly gets fewer.

A stream that was started with \`resumable\` outlives its connection: for \`resume_window\` seconds another one may go on with it. Its first message is \`resume\` with the \`session\` that \`ready\` named and the number of outcomes the client has; \`resumed\` says how many samples and messages were taken, the outcomes that the client lacks follow, and the client sends on from there. Outcomes (\`final\`, and the \`error\` of an utterance that was lost) have one \`sequence\` without gaps. What was accepted is confirmed by \`accepted\`, so that it need not be kept. To close with 1000 ends a stream at once.

Times are seconds of the stream's own audio, counted in samples. A client that sends faster than it can be served is slowed down by TCP; above a stated buffer it is refused. The service pings; a client that answers none is gone.

A refused handshake has an HTTP status, and a body in the form of the REST interface's errors: \`{"error": {"message", "type", "param", "code"}}\`. Later, errors come as the message \`error\`; where it is fatal, \`closed\` follows, and a close code (after \`session_taken_over\` only the code: the stream goes on elsewhere). Lists of all codes are in \`x-error-codes\` and \`x-close-codes\`.

Files go over REST, which has a document of its own, at \`/docs/rest/\`.`;

function operation(action: 'send' | 'receive', title: string, messages: readonly { readonly name: string }[]) {
  return {
    action,
    title,
    channel: { $ref: `#/channels/${CHANNEL}` },
    messages: messages.map(({ name }) => ({ $ref: `#/channels/${CHANNEL}/messages/${name}` })),
  };
}

function handshake() {
  return {
    method: 'GET',
    // there are no parameters: what a stream is, `start` says
    query: { type: 'object', properties: {}, additionalProperties: false },
    headers: {
      type: 'object',
      properties: {
        authorization: { type: 'string', description: 'Bearer KEY' },
        'sec-websocket-protocol': { type: 'string', description: 'flora-asr, flora-asr-key.KEY' },
        origin: { type: 'string', description: 'of a page: the service’s own, or one that ALLOWED_ORIGINS has' },
      },
    },
    bindingVersion: '0.1.0',
  };
}
