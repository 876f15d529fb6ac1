import { rawRequest } from './raw-request.ts';

/** A WebSocket frame (RFC 6455, section 5.2), right or wrong. */
export interface RawFrame {
  /** 1 text, 2 binary, 0 continuation, 8 close, 9 ping, 10 pong; the others are reserved */
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  readonly final?: boolean;
  /** clients must mask */
  readonly masked?: boolean;
  /** the three reserved bits, 0 to 7 */
  readonly reserved?: number;
  /** what the frame says of its length, if not the truth; up to 2^53 */
  readonly declaredLength?: number;
}

const MASK = Buffer.from([0x5a, 0x13, 0xc4, 0x7e]);

export function rawFrame({
  opcode,
  payload = '',
  final = true,
  masked = true,
  reserved = 0,
  declaredLength,
}: RawFrame): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const first = (final ? 0x80 : 0) | (reserved << 4) | opcode;
  const head = lengthBytes(declaredLength ?? bytes.length);
  head[0] = (head[0] ?? 0) | (masked ? 0x80 : 0);
  if (!masked) return Buffer.concat([Buffer.from([first]), head, bytes]);
  const scrambled = bytes.map((byte, index) => byte ^ (MASK[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([first]), head, MASK, scrambled]);
}

function lengthBytes(length: number): Buffer {
  if (length < 126) return Buffer.from([length]);
  if (length < 2 ** 16) return Buffer.from([126, length >> 8, length & 255]);
  const head = Buffer.alloc(9);
  head[0] = 127;
  head.writeBigUInt64BE(BigInt(length), 1);
  return head;
}

export const text = (payload: string | object) =>
  rawFrame({ opcode: 1, payload: typeof payload === 'string' ? payload : JSON.stringify(payload) });
export const binary = (payload: Uint8Array) => rawFrame({ opcode: 2, payload });

export const STREAM_PATH = '/v1/stream';

/** A handshake that is right. */
export function handshake(host: string): Buffer {
  return rawRequest({ path: STREAM_PATH, headers: handshakeHeaders(host) });
}

export function handshakeHeaders(host: string): readonly (readonly [string, string])[] {
  return [
    ['Host', host],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ];
}
