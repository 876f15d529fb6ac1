import type { TensorFile } from '../../kernels/tensor-file.ts';
import { FLOAT_BYTES, type FloatFormat, widenFloats } from '../../kernels/widen-floats.ts';

/** How a variable's values are stored. */
export type VariableFormat = FloatFormat | 'i8' | 'i16' | 'i32';

export interface Variable {
  readonly format: VariableFormat;
  readonly shape: readonly number[];
  readonly position: number;
}

/** CTranslate2's DataType, in its order. */
const FORMATS: readonly VariableFormat[] = ['f32', 'i8', 'i16', 'i32', 'f16', 'bf16'];
export const VARIABLE_BYTES: Readonly<Record<VariableFormat, number>> = { ...FLOAT_BYTES, i8: 1, i16: 2, i32: 4 };

const SPECIFICATION = 'WhisperSpec';
/** The layout is the same in these; CTranslate2 4 writes 6. */
const [OLDEST_VERSION, NEWEST_VERSION] = [4, 6];

/**
 * Reads where each variable of a CTranslate2 `model.bin` lies, aliases included.
 *
 *   u32 version; string specification; u32 revision; u32 count
 *   count × { string name; u8 rank; u32 dims[rank]; u8 data type; u32 bytes; data }
 *   u32 count; count × { string alias; string name }
 *
 * A string is a u16 length, with its terminating NUL, and the bytes.
 * @throws FloraAsrError `weights_corrupt`, `weights_unsupported` for another version or another model than Whisper
 */
export function readVariables(file: TensorFile): ReadonlyMap<string, Variable> {
  const cursor = new Cursor(file);
  const version = cursor.u32('the version');
  if (version < OLDEST_VERSION || version > NEWEST_VERSION) {
    throw file.unsupported(`version ${version} of CTranslate2's format; ${OLDEST_VERSION} to ${NEWEST_VERSION} can be read`);
  }
  const specification = cursor.text('the specification');
  if (specification !== SPECIFICATION) throw file.unsupported(`it holds a ${specification}, not a ${SPECIFICATION}`);
  cursor.u32('the revision');
  const variables = new Map<string, Variable>();
  const add = (name: string, variable: Variable) => {
    if (variables.has(name)) throw file.corrupt(`variable ${name} is there twice`);
    variables.set(name, variable);
  };
  for (let left = cursor.u32('the number of variables'); left > 0; left -= 1) {
    const name = cursor.text(`the name after ${variables.size} variables`);
    add(name, cursor.variable(name));
  }
  for (let left = cursor.u32('the number of aliases'); left > 0; left -= 1) {
    const alias = cursor.text('an alias');
    const name = cursor.text(`the name of ${alias}`);
    const variable = variables.get(name);
    if (variable === undefined) throw file.corrupt(`${alias} stands for ${name}, which is not there`);
    add(alias, variable);
  }
  if (cursor.position !== file.sizeBytes) {
    throw file.corrupt(`it ends at byte ${cursor.position}, but the file has ${file.sizeBytes}`);
  }
  return variables;
}

/** Reads on from where it stands. */
class Cursor {
  readonly #file: TensorFile;
  position = 0;

  constructor(file: TensorFile) {
    this.#file = file;
  }

  u32(what: string): number {
    return this.#view(4, what).getUint32(0, true);
  }

  text(what: string): string {
    const length = this.#view(2, what).getUint16(0, true);
    const bytes = this.#take(length, what);
    if (bytes[length - 1] !== 0) throw this.#file.corrupt(`${what} is not ended by a NUL`);
    return new TextDecoder().decode(bytes.subarray(0, -1));
  }

  /** Everything about a variable but its data, which is passed over. */
  variable(name: string): Variable {
    const rank = this.#view(1, name).getUint8(0);
    const dims = this.#view(4 * rank, name);
    const shape = Array.from({ length: rank }, (_, axis) => dims.getUint32(4 * axis, true));
    const type = this.#view(1, name).getUint8(0);
    const format = FORMATS[type];
    if (format === undefined) throw this.#file.unsupported(`variable ${name} has the unknown data type ${type}`);
    const bytes = this.u32(name);
    const expected = shape.reduce((product, dim) => product * dim, VARIABLE_BYTES[format]);
    if (bytes !== expected) {
      throw this.#file.corrupt(`variable ${name} (${format} [${shape.join(', ')}]) takes ${expected} bytes, not ${bytes}`);
    }
    const { position } = this;
    this.position += bytes;
    if (this.position > this.#file.sizeBytes) {
      throw this.#file.corrupt(
        `variable ${name} ends at byte ${this.position}, but the file has ${this.#file.sizeBytes}; it is cut off`,
      );
    }
    return { format, shape, position };
  }

  #take(bytes: number, what: string): Uint8Array<ArrayBuffer> {
    const content = this.#file.read(this.position, bytes, what);
    this.position += bytes;
    return content;
  }

  #view(bytes: number, what: string): DataView {
    return new DataView(this.#take(bytes, what).buffer);
  }
}

/** A variable's stored values from `first` on, as fp32, not scaled. */
export function readValues(
  file: TensorFile,
  name: string,
  part: { variable: Variable; first: number; count: number },
): Float32Array {
  const { format, position } = part.variable;
  const size = VARIABLE_BYTES[format];
  const content = file.read(position + part.first * size, part.count * size, `variable ${name}`);
  switch (format) {
    case 'f32':
    case 'f16':
    case 'bf16':
      return widenFloats(content, format);
    case 'i8':
      return Float32Array.from(new Int8Array(content.buffer));
    case 'i16':
      return Float32Array.from(new Int16Array(content.buffer));
    case 'i32':
      throw file.unsupported(`variable ${name} is ${format}, which is no format of weights`);
  }
}
