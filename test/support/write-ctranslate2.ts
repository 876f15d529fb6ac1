import { writeFileSync } from 'node:fs';

export interface TestVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int8Array | Int16Array | Int32Array | Uint16Array;
}

export interface TestModel {
  readonly variables: readonly TestVariable[];
  readonly aliases?: readonly (readonly [alias: string, name: string])[];
  readonly version?: number;
  readonly specification?: string;
}

/** Writes a `model.bin` as CTranslate2 does; Uint16Array values are fp16 bits. */
export function writeCtranslate2(path: string, model: TestModel): void {
  const { variables, aliases = [], version = 6, specification = 'WhisperSpec' } = model;
  writeFileSync(
    path,
    Buffer.concat([
      u32(version),
      text(specification),
      u32(3),
      u32(variables.length),
      ...variables.flatMap(({ name, shape, values }) => [
        text(name),
        Buffer.of(shape.length),
        ...shape.map(u32),
        Buffer.of(typeOf(values)),
        u32(values.byteLength),
        Buffer.from(values.buffer, values.byteOffset, values.byteLength),
      ]),
      u32(aliases.length),
      ...aliases.flatMap((pair) => pair.map(text)),
    ]),
  );
}

function typeOf(values: TestVariable['values']): number {
  if (values instanceof Float32Array) return 0;
  if (values instanceof Int8Array) return 1;
  if (values instanceof Int16Array) return 2;
  return values instanceof Int32Array ? 3 : 4;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(`${value}\0`);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
