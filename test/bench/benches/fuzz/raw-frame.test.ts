import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { handshake, rawFrame } from '../../../../bench/benches/fuzz/raw-frame.ts';

/** What a WebSocket server of another hand reads of bytes on a socket. */
async function readBy(bytes: Buffer): Promise<{ message: Buffer; isBinary: boolean } | { code: string }> {
  const listening = createServer().listen(0, '127.0.0.1');
  server = listening;
  const read = new Promise<{ message: Buffer; isBinary: boolean } | { code: string }>((resolve) => {
    new WebSocketServer({ server: listening }).on('connection', (socket) => {
      socket.on('message', (message: Buffer, isBinary) => resolve({ message, isBinary }));
      socket.on('error', (error) => resolve({ code: 'code' in error ? String(error.code) : '' }));
    });
  });
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  client = connect(port, '127.0.0.1').on('error', () => undefined);
  client.write(Buffer.concat([handshake(`127.0.0.1:${port}`), bytes]));
  return read;
}

let server: Server | undefined;
let client: Socket | undefined;
afterEach(() => {
  client?.destroy();
  server?.close();
  server?.closeAllConnections();
});

describe('frames by hand', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])('of %i bytes are read as they were written', async (length) => {
    const payload = Buffer.from(Array.from({ length }, (_, index) => index % 251));
    expect(await readBy(rawFrame({ opcode: 2, payload }))).toEqual({ message: payload, isBinary: true });
  });

  it('are put together from fragments', async () => {
    const fragments = [rawFrame({ opcode: 1, final: false, payload: 'a' }), rawFrame({ opcode: 0, payload: 'b' })];
    expect(await readBy(Buffer.concat(fragments))).toEqual({ message: Buffer.from('ab'), isBinary: false });
  });

  it.each([
    ['a reserved opcode', rawFrame({ opcode: 3 }), 'WS_ERR_INVALID_OPCODE'],
    ['reserved bits', rawFrame({ opcode: 1, reserved: 1 }), 'WS_ERR_UNEXPECTED_RSV_2_3'],
    ['no mask', rawFrame({ opcode: 1, masked: false }), 'WS_ERR_EXPECTED_MASK'],
    ['a length beyond all', rawFrame({ opcode: 1, declaredLength: 2 ** 53 }), 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'],
  ])('are wrong where they are meant to be: %s', async (_, frame, code) => {
    expect(await readBy(frame)).toEqual({ code });
  });
});
