import type { Draw } from '../../draw.ts';
import { type CaseMaker, type FuzzCase, type FuzzMaterial, type Step, send } from '../fuzz-case.ts';
import { binary, handshake, rawFrame, text } from '../raw-frame.ts';
import { START } from './frames.ts';

/** Messages that are right by themselves, but not here, not now or not so many; and clients that leave. */
export const streamCase: CaseMaker = (draw, material) => draw.pick(MAKERS)(draw, material);

const MAKERS: readonly CaseMaker[] = [
  audioFirst,
  startTwice,
  afterFinish,
  unknownMessage,
  oddBytes,
  notFinite,
  tinyFrames,
  flushes,
  tooMuch,
  tooLong,
  loudNoise,
  leaves,
  leaves,
  leavesWhileFinishing,
  leavesResumable,
  resumesNothing,
  switchesLanguage,
];

/** What the fuzzed service is told to take of one stream. */
export const FUZZ_STREAM_LIMIT_SECONDS = 30;

const FINISH = send(text({ type: 'finish' }));

function connected({ host }: FuzzMaterial): readonly Step[] {
  return [send(handshake(host)), { kind: 'await', text: '\r\n\r\n' }];
}

function started(material: FuzzMaterial, more: object = {}): readonly Step[] {
  return [...connected(material), send(text({ ...START, ...more })), { kind: 'await', text: '"ready"' }];
}

function audioFirst(draw: Draw, material: FuzzMaterial): FuzzCase {
  return { what: 'audio before start', steps: [...connected(material), send(binary(draw.bytes(64)))], owed: 'answer' };
}

function startTwice(_draw: Draw, material: FuzzMaterial): FuzzCase {
  return { what: 'a second start', steps: [...started(material), send(text(START))], owed: 'answer' };
}

function afterFinish(draw: Draw, material: FuzzMaterial): FuzzCase {
  const late = draw.pick([binary(Buffer.alloc(64)), text({ type: 'flush' }), text({ type: 'finish' }), text('x'), text(START)]);
  // an empty stream may be closed before it is read
  return {
    what: 'more after finish',
    steps: [...started(material), send(speech(draw, material)), FINISH, send(late)],
    owed: 'answer',
  };
}

function unknownMessage(draw: Draw, material: FuzzMaterial): FuzzCase {
  const message = draw.pick([
    '{"type":"Finalize"}',
    '{"type":"flush","now":true}',
    '{"type":"__proto__"}',
    '{}',
    '[]',
    '"flush"',
    '1',
    '{"type":["finish"]}',
  ]);
  return { what: 'an unknown message', steps: [...started(material), send(text(message))], owed: 'answer' };
}

function oddBytes(draw: Draw, material: FuzzMaterial): FuzzCase {
  const encoding = draw.pick(['pcm_s16le', 'pcm_f32le'] as const);
  const odd = binary(draw.bytes(2 * draw.whole(0, 200) + 1));
  return {
    what: 'odd bytes',
    steps: [...started(material, { encoding, channels: draw.whole(1, 8) }), send(odd)],
    owed: 'answer',
  };
}

function notFinite(draw: Draw, material: FuzzMaterial): FuzzCase {
  const bad = draw.pick([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, -3e38]);
  const samples = new Float32Array(1_600);
  samples[draw.whole(0, 1_599)] = bad;
  const audio = binary(Buffer.from(samples.buffer));
  return {
    what: `a sample of ${bad}`,
    steps: [...started(material, { encoding: 'pcm_f32le' }), send(audio), FINISH],
    owed: 'answer',
  };
}

function tinyFrames(draw: Draw, material: FuzzMaterial): FuzzCase {
  const frames = Array.from({ length: draw.whole(100, 4_000) }, () => binary(Buffer.alloc(draw.pick([0, 2, 4]))));
  return {
    what: 'thousands of tiny frames',
    steps: [...started(material), send(Buffer.concat(frames)), FINISH],
    owed: 'answer',
  };
}

function flushes(draw: Draw, material: FuzzMaterial): FuzzCase {
  const frames = Array.from({ length: draw.whole(10, 500) }, () => text({ type: 'flush' }));
  const steps = [
    ...started(material),
    send(Buffer.concat(frames)),
    send(binary(Buffer.alloc(3_200))),
    send(Buffer.concat(frames)),
    FINISH,
  ];
  return { what: 'very many flushes', steps, owed: 'answer' };
}

/** Faster than it is recognised: it is held back, and goes on. */
function tooMuch(draw: Draw, material: FuzzMaterial): FuzzCase {
  const frames = Array.from({ length: draw.whole(10, 30) }, () => send(binary(Buffer.alloc(32_000))));
  return { what: 'silence, as fast as it goes', steps: [...started(material), ...frames, FINISH], owed: 'answer' };
}

function tooLong(_draw: Draw, material: FuzzMaterial): FuzzCase {
  const second = send(binary(Buffer.alloc(8_000, 0xff)));
  const frames = Array.from({ length: FUZZ_STREAM_LIMIT_SECONDS + 5 }, () => second);
  const steps = [...started(material, { encoding: 'mulaw', sample_rate: 8_000 }), ...frames, FINISH];
  return { what: 'a stream that is too long', steps, owed: 'answer' };
}

function loudNoise(draw: Draw, material: FuzzMaterial): FuzzCase {
  const noise = draw.bytes(16_000);
  const encoding = draw.pick(['pcm_s16le', 'mulaw', 'alaw'] as const);
  const audio = send(binary(noise));
  return {
    what: 'noise as audio',
    steps: [...started(material, { encoding, channels: draw.pick([1, 2, 4]) }), audio, audio, FINISH],
    owed: 'answer',
  };
}

/** A piece of a real recording. */
function speech(draw: Draw, { samples }: FuzzMaterial): Buffer {
  const from = draw.whole(0, samples.length >> 1);
  const piece = samples.subarray(from, from + draw.whole(800, 24_000));
  return binary(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
}

function leaves(draw: Draw, material: FuzzMaterial): FuzzCase {
  const frames = Array.from({ length: draw.whole(0, 5) }, () => send(speech(draw, material)));
  const goodbye = draw.pick([
    [{ kind: 'vanish' }],
    [{ kind: 'half-close' }],
    [send(rawFrame({ opcode: 8 })), { kind: 'half-close' }],
    [send(rawFrame({ opcode: 8, payload: Buffer.from([3, 0xe8]) }))],
  ] as const);
  const steps = [...started(material), ...frames, { kind: 'pause', ms: draw.whole(0, 300) } as const, ...goodbye];
  return { what: 'a client that leaves', steps, owed: 'nothing' };
}

function leavesWhileFinishing(draw: Draw, material: FuzzMaterial): FuzzCase {
  const steps = [
    ...started(material),
    send(speech(draw, material)),
    FINISH,
    { kind: 'pause', ms: draw.whole(0, 800) } as const,
  ];
  return { what: 'a client that leaves while it is answered', steps: [...steps, { kind: 'vanish' }], owed: 'nothing' };
}

/** Nobody comes back: the stream has to end by itself. */
function leavesResumable(draw: Draw, material: FuzzMaterial): FuzzCase {
  const goodbye = draw.pick([[{ kind: 'vanish' }], [FINISH, { kind: 'vanish' }], [send(rawFrame({ opcode: 8 }))]] as const);
  const more = { resumable: true, partials: draw.chance(0.5), words: draw.chance(0.5) };
  const steps = [...started(material, more), send(speech(draw, material)), ...goodbye];
  return { what: 'a client that does not come back', steps, owed: 'nothing' };
}

function resumesNothing(draw: Draw, material: FuzzMaterial): FuzzCase {
  const session = draw.pick(['', 'nobody', '__proto__', '\0', 'x'.repeat(200), 'x'.repeat(201), 3, null]);
  const received = draw.pick([0, -1, 1.5, 2 ** 53, '0', null]);
  const resume = send(text({ type: 'resume', session, received }));
  const before = draw.chance(0.5) ? connected(material) : started(material, { resumable: true });
  return { what: 'a resume of no session', steps: [...before, resume], owed: 'answer' };
}

function switchesLanguage(draw: Draw, material: FuzzMaterial): FuzzCase {
  const turns = Array.from({ length: draw.whole(1, 8) }, () => [
    send(text({ type: 'language', language: draw.pick(['el', 'es', 'auto', 'fr-CA', 'tlh', '']), ...draw.pick(EXTRAS) })),
    send(speech(draw, material)),
  ]).flat();
  return { what: 'languages in turn', steps: [...started(material, { partials: true }), ...turns, FINISH], owed: 'answer' };
}

const EXTRAS = [{}, {}, { adapter: null }, { adapter: 'nobody' }, { languages: ['es', 'el'] }, { languages: [] }] as const;
