import type { Draw } from '../../draw.ts';
import { type CaseMaker, type FuzzCase, type FuzzMaterial, send } from '../fuzz-case.ts';
import { type RawRequest, rawRequest } from '../raw-request.ts';

/** Requests with something wrong in method, path, headers or framing. */
export const requestCase: CaseMaker = (draw, material) => draw.pick(MAKERS)(draw, material);

const MAKERS: readonly CaseMaker[] = [
  wrongMethod,
  wrongPath,
  hugeHeaders,
  strangeHeaders,
  repeatedHeaders,
  wrongLength,
  wrongChunks,
  smuggling,
  manyAtOnce,
  wrongKey,
];

const ROUTES = [
  '/v1/audio/transcriptions',
  '/v1/models',
  '/v1/models/whisper-base',
  '/health/live',
  '/health/ready',
  '/metrics',
  '/docs',
  '/docs/openapi.json',
  '/v1/stream',
];

function one(what: string, { host }: FuzzMaterial, request: RawRequest, owed: FuzzCase['owed'] = 'answer'): FuzzCase {
  const headers = [['Host', host], ['Connection', 'close'], ...(request.headers ?? [])] as const;
  return { what, steps: [send(rawRequest({ ...request, headers }))], owed };
}

function wrongMethod(draw: Draw, material: FuzzMaterial): FuzzCase {
  const method = draw.pick([
    'DELETE',
    'PUT',
    'PATCH',
    'POST',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'PURGE',
    'get',
    'GET2',
    '',
  ]);
  return one(`method ${method}`, material, { method, path: draw.pick(ROUTES) });
}

function wrongPath(draw: Draw, material: FuzzMaterial): FuzzCase {
  const path = draw.pick([
    '/../../etc/passwd',
    '/docs/../../package.json',
    '/docs/rest/..%2f..%2f..%2fpackage.json',
    '/v1/models/%2e%2e%2f%2e%2e',
    '/v1/models/%ff%fe',
    '/v1/models/%',
    '/v1/models/__proto__',
    '/v1/models/constructor',
    `/v1/models/${'x'.repeat(draw.whole(1, 8_000))}`,
    '//v1//models',
    '/v1/models?a[__proto__][b]=1&a[]=2',
    `/?${'a=1&'.repeat(draw.whole(1, 2_000))}`,
    'http://elsewhere.example/v1/models',
    '*',
    '/\x00',
    '/v1/\u00e9',
    '/health/ready/',
    '/%0d%0aX-Injected:%20yes',
  ]);
  return one('a strange path', material, { path });
}

function hugeHeaders(draw: Draw, material: FuzzMaterial): FuzzCase {
  const many = Array.from({ length: draw.whole(100, 3_000) }, (_, index) => [`X-Filler-${index}`, 'v'] as const);
  const long = [['X-Filler', 'v'.repeat(draw.whole(8_000, 60_000))]] as const;
  return one('huge headers', material, { path: draw.pick(ROUTES), headers: draw.chance(0.5) ? many : long }, 'end');
}

function strangeHeaders(draw: Draw, material: FuzzMaterial): FuzzCase {
  const header = draw.pick([
    [
      'X-Request-Id',
      draw
        .bytes(40)
        .toString('latin1')
        .replace(/[\r\n\0]/g, ' '),
    ],
    ['X-Request-Id', '"><script>'],
    ['X Space', 'in its name'],
    ['X-Fold', 'first\r\n second'],
    ['Expect', '100-continue'],
    ['Expect', 'a miracle'],
    ['Upgrade', 'h2c'],
    ['Origin', draw.pick(['null', 'https://elsewhere.example', '://', 'a'.repeat(4_000)])],
    ['Content-Type', draw.pick(['multipart/form-data', 'a/b; boundary=\u00ff', ';;;', 'application/json; charset=utf-99'])],
    ['Content-Encoding', 'gzip'],
    ['Transfer-Encoding', 'gzip'],
    ['Range', 'bytes=0-,1-,2-,3-'],
    ['Accept', `${'*/*,'.repeat(1_000)}`],
    ['X-Forwarded-For', '127.0.0.1, \u0001'],
    [draw.bytes(5).toString('latin1'), 'x'],
  ] as const);
  const method = draw.pick(['GET', 'POST', 'OPTIONS']);
  return one(`header ${header[0]}`, material, { method, path: draw.pick(ROUTES), headers: [header] }, 'end');
}

function repeatedHeaders(draw: Draw, material: FuzzMaterial): FuzzCase {
  const header = draw.pick([
    ['Host', 'elsewhere.example'],
    ['Content-Type', 'multipart/form-data; boundary=c'],
    ['Authorization', 'Bearer another'],
    ['Origin', 'https://elsewhere.example'],
    ['X-Request-Id', 'another'],
  ] as const);
  const headers = Array.from({ length: draw.whole(2, 20) }, () => header);
  return one(
    `repeated ${header[0]}`,
    material,
    { method: draw.pick(['GET', 'POST']), path: draw.pick(ROUTES), headers },
    'end',
  );
}

function wrongLength(draw: Draw, material: FuzzMaterial): FuzzCase {
  const length = draw.pick(['-1', '+5', '0x10', '1e3', '5, 5', '99999999999999999999', '', 'five', ' 5 5', '1.5', '\u0665']);
  const headers = [['Content-Length', length]] as const;
  return one('a wrong length', material, { method: 'POST', path: draw.pick(ROUTES), headers, body: 'hello' }, 'end');
}

function wrongChunks(draw: Draw, material: FuzzMaterial): FuzzCase {
  const body = draw.pick([
    'zz\r\nhello\r\n0\r\n\r\n',
    '5\r\nhello, too long\r\n0\r\n\r\n',
    'fffffffffffffffff\r\n',
    '-5\r\nhello\r\n0\r\n\r\n',
    '5;a=b;c="\r\nhello\r\n0\r\n\r\n',
    `5;${'x'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`,
    '5\nhello\n0\n\n',
    `0\r\n${'X-Trailer: v\r\n'.repeat(2_000)}\r\n`,
    '0\r\nContent-Length: 5\r\n\r\n',
    draw.bytes(200),
  ]);
  const type = draw.pick(['multipart/form-data; boundary=b', 'application/json', 'application/octet-stream']);
  const headers = [
    ['Transfer-Encoding', 'chunked'],
    ['Content-Type', type],
  ] as const;
  const request = one('wrong chunks', material, { method: 'POST', path: '/v1/audio/transcriptions', headers, body });
  return { ...request, steps: [...request.steps, { kind: 'pause', ms: 20 }, { kind: 'half-close' }], owed: 'nothing' };
}

/** Framing that one reader may understand otherwise than the next. */
function smuggling(draw: Draw, material: FuzzMaterial): FuzzCase {
  const headers = draw.pick([
    [
      ['Content-Length', '4'],
      ['Transfer-Encoding', 'chunked'],
    ],
    [
      ['Transfer-Encoding', 'chunked'],
      ['Transfer-Encoding', 'identity'],
    ],
    [['Transfer-Encoding', '\x0bchunked']],
    [['Transfer-Encoding', 'chunked, identity']],
    [['Transfer-Encoding ', 'chunked']],
    [
      ['Content-Length', '5'],
      ['Content-Length', '6'],
    ],
    [
      ['Content-Length', '5'],
      ['content-length', '0'],
    ],
    [['Transfer-Encoding', 'xchunked']],
  ] as const);
  const hidden = rawRequest({ path: '/health/live', headers: [['Host', material.host]] });
  const body = Buffer.concat([Buffer.from('0\r\n\r\n'), hidden]);
  return one('two framings', material, { method: 'POST', path: draw.pick(ROUTES), headers, body }, 'end');
}

function manyAtOnce(draw: Draw, { host }: FuzzMaterial): FuzzCase {
  const requests = Array.from({ length: draw.whole(2, 40) }, () =>
    rawRequest({ method: draw.pick(['GET', 'HEAD', 'PUT']), path: draw.pick(ROUTES), headers: [['Host', host]] }),
  );
  const last = rawRequest({
    path: '/health/live',
    headers: [
      ['Host', host],
      ['Connection', 'close'],
    ],
  });
  return { what: 'many requests at once', steps: [send(Buffer.concat([...requests, last]))], owed: 'answer', stays: true };
}

function wrongKey(draw: Draw, material: FuzzMaterial): FuzzCase {
  const value = draw.pick([
    'Bearer',
    'Bearer  ',
    'Basic YTpi',
    `Bearer ${'k'.repeat(6_000)}`,
    'Bearer \u00e9',
    'Token',
    'bearer a b c',
  ]);
  return one('a strange key', material, { path: draw.pick(ROUTES), headers: [['Authorization', value]] }, 'answer');
}
