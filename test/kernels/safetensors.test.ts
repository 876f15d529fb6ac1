import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSafetensors, writeSafetensors } from '../../kernels/safetensors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'safetensors-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file with this header, as JSON text or to be made JSON, and these tensor bytes. */
function fileOf(header: unknown, content: Uint8Array = new Uint8Array(0), claimedBytes?: number): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(claimedBytes ?? text.length));
  const file = path.join(folder, 'made.safetensors');
  writeFileSync(file, Buffer.concat([length, text, content]));
  return file;
}

function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer);
}

const refused = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('writing and reading', () => {
  test('what was written is read back, tensor by tensor', () => {
    const file = path.join(folder, 'round-trip.safetensors');
    const whole = Float32Array.of(1, -2.5, 3e-40, 4, 5, 6, 7);
    writeSafetensors(
      file,
      [
        { name: 'part', shape: [2, 2], values: whole.subarray(1, 5) },
        { name: 'scalar', shape: [], values: Float32Array.of(9) },
        { name: 'empty', shape: [0, 3], values: new Float32Array(0) },
        { name: '__proto__', shape: [1], values: Float32Array.of(-1) },
      ],
      { dtype: 'f32' },
    );
    const source = openSafetensors(file);
    expect(source.names).toEqual(['part', 'scalar', 'empty', '__proto__']);
    expect(source.shape('part')).toEqual([2, 2]);
    expect(source.read('part')).toEqual(whole.slice(1, 5));
    expect(source.read('scalar')).toEqual(Float32Array.of(9));
    expect(source.read('empty').length).toBe(0);
    expect(source.read('__proto__')).toEqual(Float32Array.of(-1));
    expect(source.read('part')).not.toBe(source.read('part'));
    source.close();
    expect(readFileSync(file).readBigUInt64LE() % 8n).toBe(0n);
  });

  test('half-precision values are widened exactly', () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x8000, 0x3555);
    const brains = Uint16Array.of(0x3f80, 0xc000);
    const content = new Uint8Array([...bytesOf(halves), ...bytesOf(brains)]);
    const source = openSafetensors(
      fileOf(
        {
          __metadata__: { format: 'pt' },
          brain: { dtype: 'BF16', shape: [2], data_offsets: [16, 20] },
          half: { dtype: 'F16', shape: [8], data_offsets: [0, 16] },
        },
        content,
      ),
    );
    const smallest = 2 ** -24;
    expect([...source.read('half')]).toEqual([1, -2, smallest, 1023 * smallest, 2 ** -14, 65504, -0, 0.333251953125]);
    expect([...source.read('brain')]).toEqual([1, -2]);
    source.close();
  });

  test('infinities and NaN come through, for the caller to judge', () => {
    const content = bytesOf(Uint16Array.of(0x7c00, 0xfc00, 0x7e00));
    const source = openSafetensors(fileOf({ x: { dtype: 'F16', shape: [3], data_offsets: [0, 6] } }, content));
    expect([...source.read('x')]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
    source.close();
  });

  test('a tensor of another type is listed, and refused when it is read', () => {
    const source = openSafetensors(fileOf({ ids: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, new Uint8Array(8)));
    expect(source.names).toEqual(['ids']);
    expect(() => source.read('ids')).toThrow(refused('weights_unsupported', /ids is I64/));
    expect(() => source.read('other')).toThrow(refused('weights_corrupt', /no tensor other/));
    source.close();
  });

  test('values that do not fill their shape are not written', () => {
    const tensor = { name: 'x', shape: [3], values: new Float32Array(2) };
    expect(() => writeSafetensors(path.join(folder, 'x'), [tensor], { dtype: 'f32' })).toThrow(refused('shape_mismatch', /x/));
  });
});

describe('a damaged file is refused, with the file and the tensor named', () => {
  const entry = (begin: number, end: number) => ({ dtype: 'F32', shape: [(end - begin) / 4], data_offsets: [begin, end] });
  const bytes = (count: number) => new Uint8Array(count);
  const cases: readonly [title: string, make: () => string, message: RegExp][] = [
    ['a header longer than the file', () => fileOf({}, bytes(0), 900), /header ends at byte 908/],
    ['a header beyond the limit', () => fileOf({}, bytes(0), 2 ** 40), /limit/],
    ['a header that is not JSON', () => fileOf('{"x": '), /not JSON/],
    ['a header that is no object', () => fileOf('[]'), /not a JSON object/],
    [
      'a name twice',
      () => fileOf('{"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0078":{}}'),
      /names tensor x twice/,
    ],
    ['an entry that is a string', () => fileOf({ x: 'x' }), /tensor x/],
    [
      'a negative dimension',
      () => fileOf({ x: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, bytes(4)),
      /tensor x is wrong at shape/,
    ],
    [
      'bytes that disagree with the shape',
      () => fileOf({ x: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, bytes(8)),
      /takes 12 bytes/,
    ],
    [
      'offsets that run backwards',
      () => fileOf({ x: { dtype: 'I8', shape: [1], data_offsets: [4, 0] } }, bytes(4)),
      /tensor x/,
    ],
    ['tensors that overlap', () => fileOf({ a: entry(0, 8), b: entry(4, 12) }, bytes(12)), /tensor b .*overlaps/],
    ['a gap', () => fileOf({ a: entry(0, 4), b: entry(8, 12) }, bytes(12)), /tensor b .*gap/],
    ['a file that is cut off', () => fileOf({ a: entry(0, 8) }, bytes(7)), /cut off/],
    ['bytes after the end', () => fileOf({ a: entry(0, 8) }, bytes(9)), /bytes follow/],
  ];
  test.each(cases)('%s', (_, make, message) => {
    const file = make();
    expect(() => openSafetensors(file)).toThrow(refused('weights_corrupt', message));
    expect(() => openSafetensors(file)).toThrow(/made\.safetensors/);
  });

  test('an empty file', () => {
    const file = path.join(folder, 'empty.safetensors');
    writeFileSync(file, '');
    expect(() => openSafetensors(file)).toThrow(refused('weights_corrupt', /empty\.safetensors: the header length/));
  });

  test('a file that is not there', () => {
    expect(() => openSafetensors(path.join(folder, 'none'))).toThrow(refused('weights_not_found', /none is not there/));
  });
});
