import { closeSync, openSync, writeFileSync } from 'node:fs';
import { FloraAsrError } from './errors.ts';
import { narrowToHalf } from './narrow-floats.ts';
import { readSafetensorsHeader, type StoredTensor } from './safetensors-header.ts';
import { TensorFile } from './tensor-file.ts';
import type { TensorSource } from './tensor-source.ts';
import { FLOAT_BYTES, widenFloats } from './widen-floats.ts';

/**
 * Opens a safetensors file (https://github.com/huggingface/safetensors): u64 length of the header, the
 * header as JSON, then the tensors' bytes. The header is verified whole; tensors are read one at a time.
 * @throws FloraAsrError `weights_not_found`, `weights_corrupt`, and, when a tensor that is not F32, F16 or
 *   BF16 is read, `weights_unsupported`
 */
export function openSafetensors(path: string): TensorSource {
  const file = new TensorFile(path);
  let tensors: ReadonlyMap<string, StoredTensor>;
  try {
    tensors = readSafetensorsHeader(file);
  } catch (error) {
    file.close();
    throw error;
  }
  const find = (name: string): StoredTensor => {
    const found = tensors.get(name);
    if (found === undefined) throw file.corrupt(`there is no tensor ${name} among its ${tensors.size}`);
    return found;
  };
  return {
    names: [...tensors.keys()],
    shape: (name) => find(name).shape,
    read: (name) => {
      const { position, bytes, dtype, format } = find(name);
      if (format === null) throw file.unsupported(`tensor ${name} is ${dtype}; F32, F16 and BF16 can be read`);
      return widenFloats(file.read(position, bytes, `tensor ${name}`), format);
    },
    close: () => file.close(),
  };
}

/** A tensor to be written; values row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The first tensor begins at a multiple of this, so that the file can be mapped into memory. */
const ALIGNMENT_BYTES = 8;

/** Formats in which tensors are written. */
export type WrittenFormat = 'f32' | 'f16';

/**
 * Writes tensors in the order given, replacing the file.
 * @param format f16 rounds to the nearest
 * @throws FloraAsrError `shape_mismatch` if a tensor's values do not fill its shape, `argument_invalid` if
 *   two have one name, or if f16 has no room for a finite value; file errors as Node reports them
 */
export function writeSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  { dtype }: { readonly dtype: WrittenFormat },
): void {
  const header = Buffer.from(headerOf(tensors, dtype));
  const contents = tensors.map((tensor) => contentOf(tensor, dtype));
  const padding = -header.length & (ALIGNMENT_BYTES - 1);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length + padding));
  const descriptor = openSync(path, 'w');
  try {
    writeFileSync(descriptor, Buffer.concat([length, header, Buffer.alloc(padding, ' ')]));
    for (const content of contents) writeFileSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

function contentOf({ name, values }: NamedTensor, dtype: WrittenFormat): Uint8Array {
  if (dtype === 'f32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const halves = narrowToHalf(values);
  const beyond = values.findIndex((value, index) => Number.isFinite(value) && ((halves[index] as number) & 0x7fff) === 0x7c00);
  if (beyond === -1) return new Uint8Array(halves.buffer);
  throw new FloraAsrError(
    'argument_invalid',
    `Tensor ${name} holds ${values[beyond]} at index ${beyond}, beyond ±65504, the range of f16; write it as f32.`,
  );
}

function headerOf(tensors: readonly NamedTensor[], dtype: WrittenFormat): string {
  let end = 0;
  const entries = new Map<string, unknown>();
  for (const { name, shape, values } of tensors) {
    const expected = shape.reduce((product, dim) => product * dim, 1);
    if (values.length !== expected) {
      throw new FloraAsrError('shape_mismatch', `Tensor ${name} of shape [${shape.join(', ')}] has ${values.length} values.`);
    }
    if (entries.has(name)) throw new FloraAsrError('argument_invalid', `Two tensors are called ${name}.`);
    const bytes = values.length * FLOAT_BYTES[dtype];
    entries.set(name, { dtype: dtype.toUpperCase(), shape, data_offsets: [end, end + bytes] });
    end += bytes;
  }
  return JSON.stringify(Object.fromEntries(entries));
}
