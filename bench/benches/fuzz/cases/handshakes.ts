import type { Draw } from '../../draw.ts';
import { type CaseMaker, type FuzzCase, type FuzzMaterial, send } from '../fuzz-case.ts';
import { handshake, handshakeHeaders, STREAM_PATH } from '../raw-frame.ts';
import { rawRequest } from '../raw-request.ts';
import { ending } from './below-http.ts';

/** Handshakes that are refused, or that nothing follows. */
export const handshakeCase: CaseMaker = (draw, material) => draw.pick(MAKERS)(draw, material);

const MAKERS: readonly CaseMaker[] = [replaced, replaced, missing, extra, wrongPath, wrongMethod, halfOfIt, silent, early];

function upgrade(what: string, headers: readonly (readonly [string, string])[], path = STREAM_PATH): FuzzCase {
  return { what, steps: [send(rawRequest({ path, headers }))], owed: 'answer' };
}

function replaced(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const [name, value] = draw.pick([
    ['Upgrade', 'h2c'],
    ['Upgrade', 'websocket, websocket'],
    ['Connection', 'close, Upgrade'],
    ['Sec-WebSocket-Version', '12'],
    ['Sec-WebSocket-Version', '0'],
    ['Sec-WebSocket-Version', 'thirteen'],
    ['Sec-WebSocket-Key', ''],
    ['Sec-WebSocket-Key', 'short'],
    ['Sec-WebSocket-Key', `${'k'.repeat(5_000)}`],
    ['Host', ''],
    ['Host', 'elsewhere.example'],
    ['Host', 'a b c'],
  ] as const);
  const headers = handshakeHeaders(host).map((header) => (header[0] === name ? ([name, value] as const) : header));
  // where the handshake is right all the same, or is no upgrade, the service waits for what follows
  return { ...upgrade(`handshake with ${name}: ${value.slice(0, 20)}`, headers), owed: name === 'Host' ? 'nothing' : 'answer' };
}

function missing(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const headers = handshakeHeaders(host);
  const without = draw.pick(headers)[0];
  return upgrade(
    `handshake without ${without}`,
    headers.filter(([name]) => name !== without),
  );
}

function extra(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const header = draw.pick([
    ['Origin', 'https://elsewhere.example'],
    ['Origin', 'null'],
    ['Origin', '://'],
    ['Sec-WebSocket-Protocol', ''],
    ['Sec-WebSocket-Protocol', ',,,'],
    ['Sec-WebSocket-Protocol', 'a b'],
    ['Sec-WebSocket-Protocol', 'flora-asr, flora-asr'],
    ['Sec-WebSocket-Protocol', `flora-asr, flora-asr-key.${'k'.repeat(4_000)}`],
    ['Sec-WebSocket-Protocol', `${Array.from({ length: 300 }, (_, index) => `p${index}`).join(', ')}`],
    ['Sec-WebSocket-Extensions', 'permessage-deflate; server_max_window_bits=99'],
    ['Sec-WebSocket-Extensions', ';;;='],
    ['Authorization', 'Bearer '],
    ['Content-Length', '100'],
  ] as const);
  const made = upgrade(`handshake with ${header[0]}: ${header[1].slice(0, 20)}`, [...handshakeHeaders(host), header]);
  return { ...made, steps: [...made.steps, ...ending(draw)], owed: 'nothing' };
}

function wrongPath(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const paths = [
    '/',
    '/v1',
    '/v1/stream/',
    '/v1/stream/../stream',
    '/V1/STREAM',
    '//v1/stream',
    '/v1/realtime/sessions',
    '/v1/%ff',
    '*',
    'x',
  ];
  return { ...upgrade('handshake at another path', handshakeHeaders(host), draw.pick(paths)), owed: 'nothing' };
}

function wrongMethod(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const method = draw.pick(['POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE']);
  const steps = [send(rawRequest({ method, path: STREAM_PATH, headers: handshakeHeaders(host) }))];
  return { what: `handshake by ${method}`, steps, owed: 'answer' };
}

function halfOfIt(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const whole = handshake(host);
  const steps = [send(whole.subarray(0, draw.whole(1, whole.length - 1))), ...ending(draw)];
  return { what: 'half a handshake', steps, owed: 'nothing' };
}

/** Connects, and leaves. */
function silent(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  return { what: 'a handshake and nothing', steps: [send(handshake(host)), ...ending(draw)], owed: 'nothing' };
}

/** Frames in the same packet as the handshake, before it was answered. */
function early(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const steps = [send(Buffer.concat([handshake(host), draw.bytes(draw.whole(1, 300))])), ...ending(draw)];
  return { what: 'a handshake with noise behind it', steps, owed: 'nothing' };
}
