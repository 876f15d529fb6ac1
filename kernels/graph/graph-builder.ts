import { FloraAsrError } from '../errors.ts';
import type { Attribute, Attributes, Graph, GraphNode, Initializer, Value } from './graph.ts';
import { inferOutputTypes } from './op-rules.ts';
import { elementCount, type TensorData, type TensorType } from './tensor-type.ts';

/**
 * Builds a graph node by node. Types are inferred as nodes are added, so that a mistake is reported
 * where it is made. `scope` prefixes names, so that a node can be found again in a profile.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #inputs: Value[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #names = new Set<string>();
  #scope = '';

  constructor(name: string) {
    this.#name = name;
  }

  /** Runs `build` with names prefixed by `scope/`. */
  scoped<T>(scope: string, build: () => T): T {
    const outer = this.#scope;
    this.#scope = `${outer}${scope}/`;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /** An input of the whole graph; its name is not scoped, because callers feed it by that name. */
  input(name: string, type: TensorType): Value {
    const value = { name: this.#claim(name), type };
    this.#inputs.push(value);
    return value;
  }

  /** A weight kept in the external file, read when the graph is first compiled. Named once per graph. */
  weight(name: string, type: TensorType, load: () => TensorData): Value {
    return this.#initializer(name, type, 'external', load);
  }

  /** A small fp32 constant, e.g. `scalar(1e-8)`. */
  scalar(value: number): Value {
    return this.#initializer(`f32:${value}`, { element: 'f32', shape: [] }, 'inline', () => Float32Array.of(value));
  }

  /** The u8 zero point of row-wise quantisation, as a scalar. */
  scalarU8(value: number): Value {
    return this.#initializer(`u8:${value}`, { element: 'u8', shape: [] }, 'inline', () => Uint8Array.of(value));
  }

  /** Axes or a shape: an i64 constant that type inference can see. */
  ints(values: readonly number[]): Value {
    const type: TensorType = { element: 'i64', shape: [values.length] };
    const load = () => BigInt64Array.from(values, BigInt);
    return { ...this.#initializer(`i64:${values.join(',')}`, type, 'inline', load), ints: values };
  }

  /** An ONNX operator with one output. @throws FloraAsrError `graph_invalid` */
  op(op: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): Value {
    return only(this.nodes({ op, domain: '', inputs, attributes }));
  }

  /** An onnxruntime operator; all its outputs. @throws FloraAsrError `graph_invalid` */
  microsoft(op: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): readonly Value[] {
    return this.nodes({ op, domain: 'com.microsoft', inputs, attributes });
  }

  /** An operator, and as many of its outputs as it must have, or as are asked for. @throws FloraAsrError `graph_invalid` */
  nodes(node: Omit<GraphNode, 'outputs'> & { readonly outputCount?: number }): readonly Value[] {
    const types = this.#located(node.op, () => inferOutputTypes(node));
    const outputs = types.map((type, index) => ({ name: this.#fresh(node.op, index), type }));
    const { outputCount: _, ...rest } = node;
    this.#nodes.push({ ...rest, outputs });
    return outputs;
  }

  /**
   * Finishes the graph; `outputs` maps the names by which callers fetch to values computed by nodes. Nodes that no
   * output depends on are left out.
   * The values are renamed rather than copied: an Identity node would move megabytes at each run.
   */
  build(outputs: Readonly<Record<string, Value>>): Graph {
    const renamed = new Map<string, string>();
    for (const [name, value] of Object.entries(outputs)) {
      if (renamed.has(value.name)) throw new FloraAsrError('graph_invalid', `"${value.name}" is an output twice.`);
      renamed.set(value.name, this.#claim(name));
    }
    const rename = (value: Value): Value => ({ ...value, name: renamed.get(value.name) ?? value.name });
    return {
      name: this.#name,
      inputs: this.#inputs,
      outputs: Object.values(outputs).map(rename),
      nodes: needed(this.#nodes, Object.values(outputs)).map((node) => ({
        ...node,
        inputs: node.inputs.map((input) => (input === null ? null : rename(input))),
        outputs: node.outputs.map(rename),
      })),
      initializers: [...this.#initializers.values()],
    };
  }

  #initializer(name: string, type: TensorType, storage: Initializer['storage'], load: () => TensorData): Value {
    const known = this.#initializers.get(name);
    if (known !== undefined) return known.value;
    elementCount(type.shape); // a constant has no symbolic axis
    const value = { name: this.#claim(name), type };
    this.#initializers.set(name, { value, storage, load });
    return value;
  }

  #claim(name: string): string {
    if (this.#names.has(name)) throw new FloraAsrError('graph_invalid', `The name "${name}" is taken in ${this.#name}.`);
    this.#names.add(name);
    return name;
  }

  #fresh(op: string, index: number): string {
    const stem = `${this.#scope}${op}${index === 0 ? '' : `.${index}`}`;
    let name = stem;
    for (let count = 1; this.#names.has(name); count += 1) name = `${stem}_${count}`;
    return this.#claim(name);
  }

  #located<T>(op: string, run: () => T): T {
    try {
      return run();
    } catch (cause) {
      if (!(cause instanceof FloraAsrError)) throw cause;
      throw new FloraAsrError('graph_invalid', `${this.#name}, ${this.#scope}${op}: ${cause.message}`, { cause });
    }
  }
}

/** The nodes that some of the values depend on, in their order. */
function needed(nodes: readonly GraphNode[], values: readonly Value[]): readonly GraphNode[] {
  const names = new Set(values.map((value) => value.name));
  return nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((output) => names.has(output.name))) return false;
      for (const input of node.inputs) if (input !== null) names.add(input.name);
      return true;
    })
    .toReversed();
}

export function int(value: number): Attribute {
  return { kind: 'int', value };
}

export function float(value: number): Attribute {
  return { kind: 'float', value };
}

export function intList(...value: number[]): Attribute {
  return { kind: 'ints', value };
}

/** The output of an operator that has exactly one. */
export function only(values: readonly Value[]): Value {
  const [value] = values;
  if (value === undefined || values.length !== 1) {
    throw new FloraAsrError('graph_invalid', `Expected one output, found ${values.length}.`);
  }
  return value;
}
