import { TensorFile } from '../../kernels/tensor-file.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';
import { readValues, readVariables, type Variable } from './ctranslate2-file.ts';
import { tensorsOf, type VariableRows } from './ctranslate2-names.ts';
import { HEAD_DIM } from './whisper-tensors.ts';

/**
 * Opens a Whisper `model.bin` of CTranslate2, as fp32, fp16, bf16 or int8, with its fused projections
 * taken apart, so that it looks like a checkpoint of Hugging Face.
 * @throws FloraAsrError `weights_not_found`, `weights_corrupt`, `weights_unsupported`
 */
export function openCtranslate2(path: string): TensorSource {
  const file = new TensorFile(path);
  try {
    const variables = readVariables(file);
    checkHeads(file, variables);
    return new Ctranslate2Tensors(file, variables);
  } catch (error) {
    file.close();
    throw error;
  }
}

class Ctranslate2Tensors implements TensorSource {
  readonly names: readonly string[];
  readonly #file: TensorFile;
  readonly #variables: ReadonlyMap<string, Variable>;
  readonly #tensors: ReadonlyMap<string, VariableRows>;

  constructor(file: TensorFile, variables: ReadonlyMap<string, Variable>) {
    this.#file = file;
    this.#variables = variables;
    this.#tensors = new Map([...variables.keys()].flatMap(tensorsOf));
    this.names = [...this.#tensors.keys()];
    for (const name of this.names) this.shape(name);
  }

  shape(name: string): readonly number[] {
    const { part, variable } = this.#find(name);
    const [rows = 0, ...rest] = variable.shape;
    if (rows === 0 || rows % part.parts !== 0) {
      throw this.#file.corrupt(
        `variable ${part.variable} of shape [${variable.shape.join(', ')}] is not ${part.parts} projections`,
      );
    }
    return [rows / part.parts, ...rest];
  }

  read(name: string): Float32Array {
    const { part, variable } = this.#find(name);
    if (variable.format === 'i16') throw this.#file.unsupported(`variable ${part.variable} is int16`);
    const count = this.shape(name).reduce((product, dim) => product * dim, 1);
    const values = readValues(this.#file, part.variable, { variable, first: part.part * count, count });
    if (variable.format === 'i8') this.#unscale(values, part);
    return values;
  }

  close(): void {
    this.#file.close();
  }

  /** CTranslate2 stores round(weight · scale) with scale = 127 / the largest magnitude of the row. */
  #unscale(values: Float32Array, part: VariableRows): void {
    const name = `${part.variable}_scale`;
    const variable = this.#variables.get(name);
    if (variable === undefined) throw this.#file.corrupt(`variable ${part.variable} is int8 and has no ${name}`);
    const rows = (variable.shape[0] ?? 1) / part.parts;
    const columns = values.length / rows;
    if (!Number.isInteger(columns))
      throw this.#file.corrupt(`${name} of shape [${variable.shape.join(', ')}] has no scale for each row`);
    const scales = readValues(this.#file, name, { variable, first: part.part * rows, count: rows });
    for (const [row, scale] of scales.entries()) {
      for (let i = row * columns; i < (row + 1) * columns; i += 1) values[i] = (values[i] as number) / scale;
    }
  }

  #find(name: string): { readonly part: VariableRows; readonly variable: Variable } {
    const part = this.#tensors.get(name);
    const variable = part && this.#variables.get(part.variable);
    if (part === undefined || variable === undefined) throw this.#file.corrupt(`there is no tensor ${name}`);
    return { part, variable };
  }
}

/** The configuration beside the file does not say how many heads there are; the file does. */
function checkHeads(file: TensorFile, variables: ReadonlyMap<string, Variable>): void {
  const dim = variables.get('encoder/layer_norm/gamma')?.shape[0];
  for (const name of ['encoder/num_heads', 'decoder/num_heads']) {
    const variable = variables.get(name);
    if (dim === undefined || variable === undefined) continue;
    const [heads] = readValues(file, name, { variable, first: 0, count: 1 });
    if (heads !== dim / HEAD_DIM)
      throw file.unsupported(`${name} is ${heads}; Whisper of dimension ${dim} has ${dim / HEAD_DIM}`);
  }
}
