import { FloraAsrError } from '../errors.ts';
import type { Attributes, GraphNode, Value } from './graph.ts';
import { broadcast, type Dim, describeType, type ElementType, sameShape, type TensorType } from './tensor-type.ts';

/**
 * What each operator that we use makes of its inputs: the types of its outputs, or an error that
 * names what does not fit. Sources: the ONNX operator specification (opset 20) and onnxruntime's
 * `ContribOperators.md`.
 */
export type OpRule = (node: RuleInput) => readonly TensorType[];

export interface RuleInput {
  readonly op: string;
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Attributes;
  /** of an operator that has optional ones; 1 if absent */
  readonly outputCount?: number;
}

/** @throws FloraAsrError `graph_invalid` for an unknown operator or inputs that do not fit it. */
export function inferOutputTypes(node: RuleInput & Pick<GraphNode, 'domain'>): readonly TensorType[] {
  const rule = (node.domain === '' ? ONNX_RULES : MICROSOFT_RULES)[node.op];
  if (rule === undefined) throw invalid(node, 'there is no rule for this operator');
  return rule(node);
}

const elementwise: OpRule = (node) => {
  const [left, right] = [operand(node, 0), operand(node, 1)];
  requireElement(node, right, left.element);
  return [{ element: left.element, shape: broadcast(left.shape, right.shape) }];
};

const unary: OpRule = (node) => [operand(node, 0)];

const reduce: OpRule = (node) => {
  const input = operand(node, 0);
  const axes = ints(node, 1).map((axis) => normaliseAxis(axis, input.shape.length));
  const keep = intAttribute(node, 'keepdims', 1) === 1;
  const shape = input.shape.flatMap<Dim>((dim, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [dim]));
  return [{ element: input.element, shape }];
};

const matMul: OpRule = (node) => product(node, operand(node, 0), operand(node, 1));

/** The matrix product over the last two axes, always fp32. */
function product(node: RuleInput, left: TensorType, right: TensorType): readonly TensorType[] {
  const [inner, rows] = [left.shape.at(-1), right.shape.at(-2)];
  if (inner === undefined || inner !== rows) {
    throw invalid(node, `${describeType(left)} × ${describeType(right)}: inner dimensions ${inner} and ${rows}`);
  }
  const batch = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2));
  return [{ element: 'f32', shape: [...batch, left.shape.at(-2) ?? 1, right.shape.at(-1) ?? 1] }];
}

const ONNX_RULES: Readonly<Record<string, OpRule>> = {
  Add: elementwise,
  Sub: elementwise,
  Mul: elementwise,
  Div: elementwise,
  Max: elementwise,
  Abs: unary,
  LeakyRelu: unary,
  Neg: unary,
  Erf: unary,
  Exp: unary,
  Log: unary,
  Sqrt: unary,
  Gelu: unary,
  Identity: unary,
  Softmax: unary,
  LogSoftmax: unary,
  LayerNormalization: (node) => {
    const input = operand(node, 0);
    const width = input.shape.at(-1);
    for (const index of [1, 2]) {
      const parameter = operand(node, index);
      if (width === undefined || !sameShape(parameter.shape, [width])) {
        throw invalid(node, `parameter ${describeType(parameter)} for rows of ${width}`);
      }
    }
    const perRow: TensorType = { element: 'f32', shape: [...input.shape.slice(0, -1), 1] };
    return [input, perRow, perRow].slice(0, node.outputCount ?? 1); // mean and 1 / deviation are optional
  },
  ReduceMax: reduce,
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceLogSumExp: reduce,
  TopK: (node) => {
    const [input, count] = [operand(node, 0), operand(node, 1)];
    const axis = normaliseAxis(intAttribute(node, 'axis', -1), input.shape.length);
    if (!(count.element === 'i64' && sameShape(count.shape, [1]))) throw invalid(node, `a count of ${describeType(count)}`);
    const name = node.inputs[1]?.name ?? '';
    const shape = input.shape.map((dim, i) => (i === axis ? (node.inputs[1]?.ints?.[0] ?? name) : dim));
    return [
      { element: input.element, shape },
      { element: 'i64', shape },
    ];
  },
  MatMul: matMul,
  Conv: (node) => {
    const [input, weight] = [operand(node, 0), operand(node, 1)];
    const [batch, channels, length] = input.shape;
    const [outChannels, inChannels, kernel] = weight.shape;
    const [stride, pads] = [intsAttribute(node, 'strides')[0] ?? 1, intsAttribute(node, 'pads')];
    const samePadding = kernel === 3 && pads[0] === 1 && pads[1] === 1;
    if (batch === undefined || length === undefined || outChannels === undefined || channels !== inChannels || !samePadding) {
      throw invalid(node, `${describeType(input)} with kernel ${describeType(weight)}; needs kernel 3, padding 1`);
    }
    return [{ element: 'f32', shape: [batch, outChannels, strided(length, stride)] }];
  },
  Transpose: (node) => {
    const input = operand(node, 0);
    const permutation = intsAttribute(node, 'perm');
    if (permutation.length !== input.shape.length) throw invalid(node, `perm [${permutation}] of ${describeType(input)}`);
    return [{ element: input.element, shape: permutation.map((axis) => dimAt(node, input, axis)) }];
  },
  Reshape: (node) => {
    const input = operand(node, 0);
    return [{ element: input.element, shape: reshaped(node, input, ints(node, 1)) }];
  },
  Unsqueeze: (node) => {
    const input = operand(node, 0);
    const shape = [...input.shape];
    for (const axis of ints(node, 1)) shape.splice(normaliseAxis(axis, input.shape.length + 1), 0, 1);
    return [{ element: input.element, shape }];
  },
  Squeeze: (node) => {
    const input = operand(node, 0);
    const axes = ints(node, 1).map((axis) => normaliseAxis(axis, input.shape.length));
    if (axes.some((axis) => input.shape[axis] !== 1)) throw invalid(node, `axes [${axes}] of ${describeType(input)}`);
    return [{ element: input.element, shape: input.shape.filter((_, axis) => !axes.includes(axis)) }];
  },
  Concat: (node) => {
    const first = operand(node, 0);
    const axis = normaliseAxis(intAttribute(node, 'axis', 0), first.shape.length);
    const lengths = node.inputs.map((_, index) => {
      const part = operand(node, index);
      const rest = (type: TensorType) => type.shape.filter((_, i) => i !== axis);
      if (part.element !== first.element || !sameShape(rest(part), rest(first))) {
        throw invalid(node, `${describeType(part)} beside ${describeType(first)} on axis ${axis}`);
      }
      return dimAt(node, part, axis);
    });
    return [{ element: first.element, shape: first.shape.map((dim, i) => (i === axis ? total(node, lengths) : dim)) }];
  },
  Gather: (node) => {
    const [table, indices] = [operand(node, 0), operand(node, 1)];
    if (indices.element !== 'i32' && indices.element !== 'i64') throw invalid(node, `indices of ${describeType(indices)}`);
    const axis = normaliseAxis(intAttribute(node, 'axis', 0), table.shape.length);
    return [
      { element: table.element, shape: [...table.shape.slice(0, axis), ...indices.shape, ...table.shape.slice(axis + 1)] },
    ];
  },
  GatherElements: (node) => [{ element: operand(node, 0).element, shape: operand(node, 1).shape }],
  QuantizeLinear: (node) => [{ element: operand(node, 2).element, shape: operand(node, 0).shape }],
};

const MICROSOFT_RULES: Readonly<Record<string, OpRule>> = {
  FusedMatMul: (node) => {
    const turned = ({ element, shape }: TensorType, name: string): TensorType =>
      intAttribute(node, name, 0) === 0
        ? { element, shape }
        : { element, shape: [...shape.slice(0, -2), ...shape.slice(-2).reverse()] };
    return product(node, turned(operand(node, 0), 'transA'), turned(operand(node, 1), 'transB'));
  },
  Gelu: unary,
  QuickGelu: unary,
  MatMulIntegerToFloat: (node) => {
    requireElement(node, operand(node, 0), 'u8');
    if (operand(node, 1).element !== 'i8') requireElement(node, operand(node, 1), 'u8');
    return matMul(node);
  },
  MatMulNBits: (node) => {
    const [x, weight] = [operand(node, 0), operand(node, 1)];
    const [outDim, blocks, block] = weight.shape;
    const inDim = x.shape.at(-1);
    requireElement(node, weight, 'u8');
    const fits = typeof inDim === 'number' && typeof block === 'number' && blocks === Math.ceil(inDim / block);
    if (outDim === undefined || !fits) throw invalid(node, `${describeType(x)} by blocks ${describeType(weight)}`);
    return [{ element: x.element, shape: [...x.shape.slice(0, -1), outDim] }];
  },
  MultiHeadAttention: (node) => {
    const query = operand(node, 0);
    if (query.shape.length !== 3) throw invalid(node, `query ${describeType(query)} must be [batch, tokens, dim]`);
    return [query];
  },
  GroupQueryAttention: (node) => {
    const [query, past] = [operand(node, 0), operand(node, 3)];
    if (query.shape.length !== 3 || past.shape.length !== 4) {
      throw invalid(node, `query ${describeType(query)}, past ${describeType(past)}`);
    }
    return [query, past, past];
  },
};

function operand(node: RuleInput, index: number): TensorType {
  const value = node.inputs[index];
  if (value === undefined || value === null) throw invalid(node, `input ${index} is missing`);
  return value.type;
}

function ints(node: RuleInput, index: number): readonly number[] {
  const value = node.inputs[index]?.ints;
  if (value === undefined) throw invalid(node, `input ${index} must be an integer constant`);
  return value;
}

function intAttribute(node: RuleInput, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  if (attribute === undefined) return fallback;
  if (attribute.kind !== 'int') throw invalid(node, `attribute ${name} must be an int`);
  return attribute.value;
}

function intsAttribute(node: RuleInput, name: string): readonly number[] {
  const attribute = node.attributes[name];
  if (attribute?.kind !== 'ints') throw invalid(node, `attribute ${name} must be a list of ints`);
  return attribute.value;
}

function requireElement(node: RuleInput, type: TensorType, element: ElementType): void {
  if (type.element !== element) throw invalid(node, `${describeType(type)} where ${element} is expected`);
}

function normaliseAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function dimAt(node: RuleInput, type: TensorType, axis: number): Dim {
  const dim = type.shape[axis];
  if (dim === undefined) throw invalid(node, `axis ${axis} of ${describeType(type)}`);
  return dim;
}

/** Output length of a convolution with kernel 3 and padding 1. */
function strided(length: Dim, stride: number): Dim {
  if (stride === 1) return length;
  return typeof length === 'number' ? Math.ceil(length / stride) : `${length}/${stride}`;
}

function total(node: RuleInput, lengths: readonly Dim[]): number {
  return lengths.reduce<number>((sum, length) => {
    if (typeof length === 'string') throw invalid(node, `cannot join along the symbolic axis "${length}"`);
    return sum + length;
  }, 0);
}

/** ONNX Reshape: 0 keeps the input's axis, one −1 takes what is left: axes of fixed length, or all other ones. */
function reshaped(node: RuleInput, input: TensorType, target: readonly number[]): readonly Dim[] {
  const kept = target.map<Dim>((length, axis) => (length === 0 ? dimAt(node, input, axis) : length));
  const symbols = (shape: readonly Dim[]) => shape.filter((dim) => typeof dim === 'string');
  const product = (shape: readonly Dim[]) =>
    shape.reduce<number>((count, dim) => (typeof dim === 'number' && dim !== -1 ? count * dim : count), 1);
  const merged = symbols(input.shape).filter((symbol) => !kept.includes(symbol));
  if (merged.length > 0 && kept.includes(-1) && product(kept) === product(input.shape)) {
    return kept.map((dim) => (dim === -1 ? merged.join('*') : dim));
  }
  if (!sameShape(symbols(kept), symbols(input.shape))) {
    throw invalid(node, `${describeType(input)} to [${target.join(', ')}] loses a symbolic axis`);
  }
  const left = product(input.shape) / product(kept);
  const open = kept.includes(-1);
  if (!Number.isInteger(left) || (!open && left !== 1)) {
    throw invalid(node, `${describeType(input)} does not have the elements of [${target.join(', ')}]`);
  }
  return kept.map((dim) => (dim === -1 ? left : dim));
}

function invalid(node: { readonly op: string }, what: string): FloraAsrError {
  return new FloraAsrError('graph_invalid', `${node.op}: ${what}.`);
}
