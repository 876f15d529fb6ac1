import type { Draw } from '../../draw.ts';
import { type CaseMaker, type FuzzCase, type FuzzMaterial, type Step, send } from '../fuzz-case.ts';
import { rawRequest } from '../raw-request.ts';

/** Below HTTP: what is no request at all, or only the beginning of one. */
export const belowHttpCase: CaseMaker = (draw, material) => draw.pick(MAKERS)(draw, material);

const MAKERS: readonly CaseMaker[] = [noise, otherProtocol, endlessLine, halfRequest, halfBody, emptyLines, zeros, nothing];

function noise(draw: Draw): FuzzCase {
  return { what: 'random bytes', steps: [send(draw.bytes(draw.whole(1, 2_000))), ...ending(draw)], owed: 'nothing' };
}

function otherProtocol(draw: Draw): FuzzCase {
  const greetings = [
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', // TLS
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'SSH-2.0-OpenSSH_9.6\r\n',
    '*1\r\n$4\r\nPING\r\n',
    'EHLO there\r\n',
    'OPTIONS sip:nm SIP/2.0\r\n\r\n',
    '\x05\x01\x00',
  ];
  return { what: 'another protocol', steps: [send(draw.pick(greetings)), ...ending(draw)], owed: 'nothing' };
}

function endlessLine(draw: Draw): FuzzCase {
  const line = `GET /${'a'.repeat(draw.whole(20_000, 200_000))}`;
  return { what: 'a request line without an end', steps: [send(line)], owed: 'end' };
}

function halfRequest(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const whole = rawRequest({
    path: '/v1/models',
    headers: [
      ['Host', host],
      ['Accept', '*/*'],
    ],
  });
  const steps = [send(whole.subarray(0, draw.whole(1, whole.length - 1))), ...ending(draw)];
  return { what: 'half of the headers', steps, owed: 'nothing' };
}

function halfBody(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const headers = [
    ['Host', host],
    ['Content-Type', draw.pick(['multipart/form-data; boundary=b', 'application/json'])],
    ['Content-Length', `${draw.whole(500, 100_000)}`],
  ] as const;
  const body = draw.pick([
    '',
    '--b\r\n',
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF',
    '{"a',
  ]);
  const request = rawRequest({ method: 'POST', path: '/v1/audio/transcriptions', headers, body });
  return { what: 'half of a body', steps: [send(request), ...ending(draw)], owed: 'nothing' };
}

function emptyLines(draw: Draw): FuzzCase {
  return { what: 'empty lines', steps: [send('\r\n'.repeat(draw.whole(1, 500))), ...ending(draw)], owed: 'nothing' };
}

function zeros(draw: Draw): FuzzCase {
  return { what: 'zeros', steps: [send(Buffer.alloc(draw.whole(1, 100_000))), ...ending(draw)], owed: 'nothing' };
}

function nothing(draw: Draw): FuzzCase {
  return { what: 'a connection that says nothing', steps: ending(draw), owed: 'nothing' };
}

/** How a client leaves that has nothing to hear. */
export function ending(draw: Draw): readonly Step[] {
  const stay: Step = { kind: 'pause', ms: draw.whole(0, 60) };
  return [stay, { kind: draw.pick(['half-close', 'vanish'] as const) }];
}
