import { FloraAsrError } from '../errors.ts';

export type ElementType = 'f32' | 'u8' | 'i8' | 'i32' | 'i64' | 'bool';

/** A number, or the name of an axis whose length is known only when the graph runs (`batch`, `context`). */
export type Dim = number | string;

export interface TensorType {
  readonly element: ElementType;
  readonly shape: readonly Dim[];
}

/** Integer inputs hold indices and lengths only; real numbers are always fp32 at a graph's boundary. */
export type TensorData = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

export const BYTES_PER_ELEMENT: Readonly<Record<ElementType, number>> = { f32: 4, u8: 1, i8: 1, i32: 4, i64: 8, bool: 1 };

export function f32(...shape: Dim[]): TensorType {
  return { element: 'f32', shape };
}

export function i32(...shape: Dim[]): TensorType {
  return { element: 'i32', shape };
}

export function i64(...shape: Dim[]): TensorType {
  return { element: 'i64', shape };
}

/** `f32[batch, context, 512]` */
export function describeType(type: TensorType): string {
  return `${type.element}[${type.shape.join(', ')}]`;
}

export function sameType(left: TensorType, right: TensorType): boolean {
  return left.element === right.element && sameShape(left.shape, right.shape);
}

export function sameShape(left: readonly Dim[], right: readonly Dim[]): boolean {
  return left.length === right.length && left.every((dim, axis) => dim === right[axis]);
}

/** Number of elements of a shape without symbolic axes. @throws FloraAsrError `shape_mismatch` */
export function elementCount(shape: readonly Dim[]): number {
  return shape.reduce<number>((count, dim) => {
    if (typeof dim === 'string') {
      throw new FloraAsrError('shape_mismatch', `The axis "${dim}" of [${shape.join(', ')}] has no fixed length.`);
    }
    return count * dim;
  }, 1);
}

/**
 * The shape of two operands combined element by element (ONNX multidirectional broadcasting).
 * Two different axis names never match: they may differ at run time.
 * @throws FloraAsrError `shape_mismatch`
 */
export function broadcast(left: readonly Dim[], right: readonly Dim[]): readonly Dim[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const leftDim = left[axis - rank + left.length] ?? 1;
    const rightDim = right[axis - rank + right.length] ?? 1;
    if (leftDim === rightDim || rightDim === 1) return leftDim;
    if (leftDim === 1) return rightDim;
    throw new FloraAsrError(
      'shape_mismatch',
      `[${left.join(', ')}] and [${right.join(', ')}] do not broadcast: axis ${axis} is ${leftDim} and ${rightDim}.`,
    );
  });
}
