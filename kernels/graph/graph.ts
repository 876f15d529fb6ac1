import type { TensorData, TensorType } from './tensor-type.ts';

/**
 * The intermediate representation: a directed acyclic graph of ONNX operators, as plain data.
 * Nodes stand in the order in which they can run. Every value carries its type, so any graph can be
 * verified without running it (`verifyGraph`).
 */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
}

/** A named tensor in a graph. */
export interface Value {
  readonly name: string;
  readonly type: TensorType;
  /** The value itself, where it is a small integer constant that shapes depend on (axes, sizes). */
  readonly ints?: readonly number[];
}

export interface GraphNode {
  readonly op: string;
  /** '' for ONNX's own operators, `com.microsoft` for onnxruntime's. */
  readonly domain: '' | 'com.microsoft';
  /** null stands for an optional input that is left out. */
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

export type Attributes = Readonly<Record<string, Attribute>>;
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string };

/**
 * A constant of the graph. Weights are read only when the graph is written to disk; a graph that is
 * already in the cache never touches them. `inline` ones travel inside the model file.
 */
export interface Initializer {
  readonly value: Value;
  readonly storage: 'inline' | 'external';
  readonly load: () => TensorData;
}
