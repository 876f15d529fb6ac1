import type { Draw } from '../../draw.ts';
import { type CaseMaker, send } from '../fuzz-case.ts';
import { rawRequest } from '../raw-request.ts';

/** JSON, or something like it, where a form or nothing is expected. */
export const jsonCase: CaseMaker = (draw, { host }) => {
  const body = jsonNoise(draw);
  const path = draw.pick(['/v1/audio/transcriptions', '/v1/models', '/v1/audio/translations', '/v1/load_lora_adapter', '/']);
  const headers = [
    ['Host', host],
    ['Connection', 'close'],
    ['Content-Type', draw.pick(['application/json', 'application/json; charset=utf-16', 'text/json'])],
    ['Content-Length', `${body.length}`],
  ] as const;
  const method = draw.pick(['POST', 'POST', 'POST', 'PUT', 'GET']);
  // what is sent beyond the length that was said is another request, and a reset may overtake the answer
  return { what: 'JSON noise', steps: [send(rawRequest({ method, path, headers, body }))], owed: 'answer' };
};

/** Text that may be JSON, and if it is, is not what anybody asked for. */
export function jsonNoise(draw: Draw): Buffer {
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"file":"a","file":"b"}',
    '\ufeff{}',
    '{"a":1e999}',
    '{"a":"\\ud800"}',
    'NaN',
    "{'a':1}",
    `${'['.repeat(draw.whole(1, 20_000))}`,
    `${'{"a":'.repeat(draw.whole(1, 5_000))}1`,
    JSON.stringify(jsonValue(draw, 4)),
  ];
  const chosen = Buffer.from(draw.pick(texts));
  if (!draw.chance(0.3) || chosen.length === 0) return chosen;
  const flipped = Buffer.from(chosen);
  flipped[draw.whole(0, flipped.length - 1)] = draw.whole(0, 255);
  return flipped;
}

/** Any JSON value. */
export function jsonValue(draw: Draw, depth: number): unknown {
  const kind = draw.whole(0, depth > 0 ? 7 : 5);
  switch (kind) {
    case 0:
      return null;
    case 1:
      return draw.chance(0.5);
    case 2:
      return draw.pick([0, -1, 1, 0.5, -0, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 1e-308]);
    case 3:
      return draw.pick(['', 'a', '\0', '\u202e', 'start', '😀'.repeat(50), 'x'.repeat(draw.whole(1, 3_000))]);
    case 4:
      return draw.bytes(draw.whole(0, 30)).toString('latin1');
    case 5:
      return draw.whole(-1_000, 100_000);
    case 6:
      return Array.from({ length: draw.whole(0, 6) }, () => jsonValue(draw, depth - 1));
    default:
      return Object.fromEntries(Array.from({ length: draw.whole(0, 6) }, () => [draw.pick(KEYS), jsonValue(draw, depth - 1)]));
  }
}

const KEYS = ['type', 'language', 'encoding', 'sample_rate', 'channels', 'toString', 'hasOwnProperty', 'a', '', 'length'];
