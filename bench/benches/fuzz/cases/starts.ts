import type { Draw } from '../../draw.ts';
import { type CaseMaker, type Step, send } from '../fuzz-case.ts';
import { handshake, rawFrame, text } from '../raw-frame.ts';
import { ending } from './below-http.ts';
import { START } from './frames.ts';
import { jsonNoise, jsonValue } from './json.ts';

/** First messages with something wrong in them. */
export const startCase: CaseMaker = (draw, { host }) => {
  const { what, payload } = draw.pick(MAKERS)(draw);
  const connected: readonly Step[] = [send(handshake(host)), { kind: 'await', text: '\r\n\r\n' }];
  const message = typeof payload === 'string' ? text(payload) : rawFrame({ opcode: 1, payload });
  // some of them are right after all: then the service waits for audio
  const asksAgain = text({ type: 'start again' });
  const steps = [...connected, send(message), send(asksAgain)];
  return draw.chance(0.2) ? { what, steps: [...steps, ...ending(draw)], owed: 'nothing' } : { what, steps, owed: 'answer' };
};

interface StartPayload {
  readonly what: string;
  readonly payload: string | Buffer;
}

const MAKERS: readonly ((draw: Draw) => StartPayload)[] = [
  wrongValue,
  wrongValue,
  extreme,
  extreme,
  missing,
  unknown,
  noise,
  flipped,
];

const NEEDED = ['type', 'language', 'encoding', 'sample_rate'] as const;
const FIELDS = [
  ...NEEDED,
  'channels',
  'model',
  'adapter',
  'endpointing',
  'languages',
  'task',
  'prompt',
  'keywords',
  'words',
  'partials',
  'resumable',
] as const;

function withField(name: string, value: unknown): string {
  return JSON.stringify({ ...START, [name]: value });
}

function wrongValue(draw: Draw): StartPayload {
  const name = draw.pick(FIELDS);
  return { what: `start with a wrong ${name}`, payload: withField(name, jsonValue(draw, 3)) };
}

function extreme(draw: Draw): StartPayload {
  const [name, value] = draw.pick([
    ['sample_rate', draw.pick([7_999, 8_000, 48_000, 48_001, 0, -16_000, 11_025.5, 1e308])],
    ['channels', draw.pick([0, 1, 8, 9, -1, 1.5, 2 ** 53])],
    [
      'language',
      draw.pick(['', 'x', 'xx-XX-x-private-and-too-long-for-any-tag', 'es_MX', 'ES', 'tlh', '\0', 'a'.repeat(100_000)]),
    ],
    ['model', draw.pick(['', 'whisper-base', 'whisper-1', 'nova-\0', 'x'.repeat(201), '../whisper-base'])],
    ['adapter', draw.pick(['', 'none', null, '@', 'a@b@c', '__proto__', 'x'.repeat(201)])],
    [
      'endpointing',
      draw.pick([true, false, null, {}, [], { silence_ms: 99 }, { threshold: 2 }, { prefix_ms: -1 }, { unknown: 1 }]),
    ],
    ['languages', draw.pick([[], ['es'], ['tlh'], Array.from({ length: 101 }, () => 'es'), 'es', [''], [null]])],
    ['keywords', draw.pick([[], [''], ['x'.repeat(51)], Array.from({ length: 101 }, () => 'x'), ['\0'], ['x'.repeat(50)]])],
    ['prompt', draw.pick(['', '\0', 'x '.repeat(5_000), 'x'.repeat(10_001), '<|endoftext|>', '\ud800'])],
    ['partials', draw.pick([true, {}, { cadence_ms: 99 }, { cadence_ms: 10_001 }, { cadence_ms: 100 }, { unknown: 1 }, null])],
  ] as const);
  return { what: `start with an extreme ${name}`, payload: withField(name, value) };
}

function missing(draw: Draw): StartPayload {
  const name = draw.pick(NEEDED);
  const rest = Object.entries(START).filter(([field]) => field !== name);
  return { what: `start without ${name}`, payload: JSON.stringify(Object.fromEntries(rest)) };
}

/** Written by hand: an object literal with such a key would set its prototype. */
function unknown(draw: Draw): StartPayload {
  const name = draw.pick(['__proto__', 'constructor', 'toString', 'prototype', 'langauge', 'SAMPLE_RATE', '', 'type ']);
  const fields = JSON.stringify(START).slice(1, -1);
  return { what: `start with ${name}`, payload: `{${fields},${JSON.stringify(name)}:${JSON.stringify(jsonValue(draw, 2))}}` };
}

function noise(draw: Draw): StartPayload {
  return { what: 'noise for a start', payload: jsonNoise(draw) };
}

function flipped(draw: Draw): StartPayload {
  const payload = Buffer.from(JSON.stringify(START));
  payload[draw.whole(0, payload.length - 1)] = draw.whole(32, 126);
  return { what: 'start with a wrong byte', payload };
}
