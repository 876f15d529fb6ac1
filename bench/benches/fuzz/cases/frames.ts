import type { Draw } from '../../draw.ts';
import { type CaseMaker, type FuzzCase, type FuzzMaterial, type Owed, type Step, send } from '../fuzz-case.ts';
import { handshake, rawFrame, text } from '../raw-frame.ts';
import { ending } from './below-http.ts';

/** Frames that break RFC 6455, on a connection that was opened well, with a stream or without one. */
export const frameCase: CaseMaker = (draw, material) => draw.pick(MAKERS)(draw, material);

const MAKERS: readonly CaseMaker[] = [
  noise,
  reservedOpcode,
  reservedBits,
  unmasked,
  wrongLengths,
  wrongFragments,
  invalidUtf8,
  wrongControl,
  wrongClose,
  tooLarge,
  halfFrame,
  pings,
];

/** What the fuzzed service is told to take of a frame. */
export const FUZZ_FRAME_LIMIT_BYTES = 131_072;

export const START = { type: 'start', language: 'es', encoding: 'pcm_s16le', sample_rate: 16_000 } as const;

/** Until the handshake is answered; half of the time until a stream is open, too. */
export function opened(draw: Draw, { host }: FuzzMaterial): readonly Step[] {
  const connected: readonly Step[] = [send(handshake(host)), { kind: 'await', text: '\r\n\r\n' }];
  return draw.chance(0.5) ? connected : [...connected, send(text(START)), { kind: 'await', text: '"ready"' }];
}

function broken(draw: Draw, material: FuzzMaterial, made: { what: string; frames: readonly Buffer[]; owed?: Owed }): FuzzCase {
  const { what, frames, owed = 'answer' } = made;
  const steps = [...opened(draw, material), ...frames.map(send)];
  return { what, steps: owed === 'nothing' ? [...steps, ...ending(draw)] : steps, owed };
}

function noise(draw: Draw, material: FuzzMaterial): FuzzCase {
  return broken(draw, material, { what: 'random bytes for frames', frames: [draw.bytes(draw.whole(1, 500))], owed: 'nothing' });
}

function reservedOpcode(draw: Draw, material: FuzzMaterial): FuzzCase {
  const frame = rawFrame({ opcode: draw.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload: draw.bytes(draw.whole(0, 100)) });
  return broken(draw, material, { what: 'a reserved opcode', frames: [frame] });
}

function reservedBits(draw: Draw, material: FuzzMaterial): FuzzCase {
  const frame = rawFrame({ opcode: draw.whole(1, 2), reserved: draw.whole(1, 7), payload: draw.bytes(draw.whole(0, 100)) });
  return broken(draw, material, { what: 'reserved bits', frames: [frame] });
}

function unmasked(draw: Draw, material: FuzzMaterial): FuzzCase {
  const frame = rawFrame({ opcode: draw.pick([1, 2, 8, 9]), masked: false, payload: draw.bytes(draw.whole(0, 100)) });
  return broken(draw, material, { what: 'a frame without a mask', frames: [frame] });
}

function wrongLengths(draw: Draw, material: FuzzMaterial): FuzzCase {
  const declaredLength = draw.pick([2 ** 20, 2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53 - 1]);
  const frame = rawFrame({ opcode: draw.whole(1, 2), declaredLength, payload: draw.bytes(10) });
  return broken(draw, material, { what: `a frame that claims ${declaredLength} bytes`, frames: [frame] });
}

function wrongFragments(draw: Draw, material: FuzzMaterial): FuzzCase {
  const part = (opcode: number, final: boolean) => rawFrame({ opcode, final, payload: draw.bytes(20) });
  const frames = draw.pick([
    [part(0, true)],
    [part(0, false)],
    [part(2, false), part(2, true)],
    [part(1, false), part(2, false)],
    [part(9, false)],
    [part(2, false), rawFrame({ opcode: 8, final: false })],
  ]);
  return broken(draw, material, { what: 'wrong fragments', frames });
}

function invalidUtf8(draw: Draw, material: FuzzMaterial): FuzzCase {
  const bytes = draw.pick([
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe2, 0x82],
    [0x22, 0x80, 0x22],
  ]);
  return broken(draw, material, {
    what: 'text that is not UTF-8',
    frames: [rawFrame({ opcode: 1, payload: Buffer.from(bytes) })],
  });
}

function wrongControl(draw: Draw, material: FuzzMaterial): FuzzCase {
  const frame = rawFrame({ opcode: draw.pick([8, 9, 10]), payload: Buffer.alloc(draw.whole(126, 3_000), 97) });
  return broken(draw, material, { what: 'a control frame that is too long', frames: [frame] });
}

function wrongClose(draw: Draw, material: FuzzMaterial): FuzzCase {
  const code = draw.pick([0, 1, 999, 1004, 1005, 1006, 1015, 2_999, 5_000, 65_535]);
  const payload = draw.pick([Buffer.from([3]), Buffer.from([code >> 8, code & 255]), Buffer.from([3, 0xe8, 0xff, 0xfe])]);
  return broken(draw, material, { what: 'a wrong close', frames: [rawFrame({ opcode: 8, payload })] });
}

function tooLarge(draw: Draw, material: FuzzMaterial): FuzzCase {
  const payload = Buffer.alloc(FUZZ_FRAME_LIMIT_BYTES + draw.whole(1, 10_000));
  // it may hang up before all is sent, and the reset may overtake the answer
  const frames = draw.chance(0.5)
    ? [rawFrame({ opcode: draw.whole(1, 2), payload })]
    : [rawFrame({ opcode: 2, payload: payload.subarray(100), final: false }), rawFrame({ opcode: 0, payload })];
  return broken(draw, material, { what: 'a frame that is too large', frames, owed: 'end' });
}

function halfFrame(draw: Draw, material: FuzzMaterial): FuzzCase {
  const whole = rawFrame({ opcode: draw.whole(1, 2), payload: draw.bytes(300) });
  return broken(draw, material, { what: 'half a frame', frames: [whole.subarray(0, draw.whole(1, 200))], owed: 'nothing' });
}

function pings(draw: Draw, material: FuzzMaterial): FuzzCase {
  const frames = Array.from({ length: draw.whole(1, 800) }, () =>
    rawFrame({ opcode: draw.pick([9, 10]), payload: draw.bytes(4) }),
  );
  return broken(draw, material, { what: 'very many pings', frames: [Buffer.concat(frames)], owed: 'nothing' });
}
