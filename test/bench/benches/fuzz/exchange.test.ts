import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { exchange } from '../../../../bench/benches/fuzz/exchange.ts';
import { type FuzzCase, send } from '../../../../bench/benches/fuzz/fuzz-case.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function against(
  connection: (socket: Socket) => void,
  { steps, owed = 'answer', stays = false }: Partial<FuzzCase>,
  patienceMs = 10_000,
) {
  server = createServer((socket) => connection(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return exchange({ what: '', steps: steps ?? [], owed, stays }, { port, patienceMs });
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('an exchange', () => {
  it('takes its steps in turn, and goes when it has its answer', async () => {
    const heard: string[] = [];
    const talk = (socket: Socket) =>
      socket.on('data', (data) => {
        heard.push(String(data));
        socket.write(heard.length === 1 ? 'more' : `\r\n\r\n${ANSWER}`);
      });
    const { received, ended } = await against((socket) => void talk(socket), {
      steps: [send('first'), { kind: 'await', text: 'more' }, send('second')],
      owed: 'nothing',
    });
    expect(heard).toEqual(['first', 'second']);
    expect(String(received)).toContain('more');
    expect(ended).toBe('patience');
  });

  it('stays for more than one answer if it shall', async () => {
    const answerTwice = (socket: Socket) => socket.write(ANSWER, () => setImmediate(() => socket.end(ANSWER)));
    const leaving = await against((socket) => void answerTwice(socket), {});
    expect(leaving.ended).toBe('client');
    const staying = await against((socket) => void answerTwice(socket), { stays: true });
    expect(staying).toEqual({ received: Buffer.from(ANSWER + ANSWER), ended: 'service' });
  });

  it('tells when nothing comes, and when the service hangs up', async () => {
    expect(await against(() => undefined, {}, 50)).toEqual({ received: Buffer.alloc(0), ended: 'patience' });
    expect(await against((socket) => void socket.destroy(), {})).toEqual({ received: Buffer.alloc(0), ended: 'service' });
  });

  it('vanishes without a goodbye', async () => {
    let tell: (error: Error) => void = () => undefined;
    const told = new Promise<Error>((resolve) => {
      tell = resolve;
    });
    const steps = [send('hello'), { kind: 'await', text: 'hello' }, { kind: 'vanish' }] as const;
    const { ended } = await against((socket) => void socket.on('error', tell).pipe(socket), { steps, owed: 'nothing' });
    expect(ended).toBe('client');
    expect(await told).toMatchObject({ code: 'ECONNRESET' });
  });
});
