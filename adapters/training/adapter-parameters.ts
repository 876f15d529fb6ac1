import { FloraAsrError } from '../../kernels/errors.ts';
import { type Adapter, loraScale, type TargetWeights } from '../adapter.ts';
import { initialParameters } from './initial-parameters.ts';
import { checkLength, type ParameterLayout, savedKind, type TargetSpans, viewsAt } from './parameter-layout.ts';

/**
 * A learner's parameters as files hold them, by target name: copies; LoRA's transposed. The manifest's kind
 * is `savedKind`, and LoRA's scaling is without alpha.
 * @throws FloraAsrError `argument_invalid` if the array is not of the layout's length
 */
export function toTargetWeights(layout: ParameterLayout, values: Float32Array): ReadonlyMap<string, TargetWeights> {
  checkLength(layout, values);
  return new Map(
    layout.targets.map((spans) => {
      const { name, rank, inDim, outDim } = spans;
      const { a, b } = viewsAt(values, spans);
      const factors =
        layout.kind === 'lora'
          ? { a: transpose(a, inDim, rank), b: transpose(b, rank, outDim) } // [rank, in], [out, rank]
          : { a: a.slice(), b: b.slice() };
      return [name, { rank, inDim, outDim, ...factors }] as const;
    }),
  );
}

/**
 * Parameters that continue an adapter. What it does not have, targets of the layout or components beyond its
 * rank, begins as in `initialParameters`.
 * @param random uniform in [0, 1)
 * @throws FloraAsrError `adapter_incompatible`, naming the kind, target, size or rank that the layout has no place for
 */
export function fromAdapter(layout: ParameterLayout, adapter: Adapter, random: () => number): Float32Array {
  if (adapter.manifest.kind !== savedKind(layout.kind)) {
    throw misfit(adapter, `it is of kind ${adapter.manifest.kind}, and ${layout.kind} is to be trained`);
  }
  const values = initialParameters(layout, random);
  for (const [name, weights] of adapter.weights) {
    const spans = layout.targets.find((target) => target.name === name);
    if (spans === undefined) throw misfit(adapter, `its target ${name} is not among those trained`);
    checkTarget(adapter, layout, { spans, weights });
    const { a, b } = viewsAt(values, spans);
    if (layout.kind === 'lora') writeLora({ a, b }, spans, { ...weights, scale: loraScale(adapter.manifest, weights.rank) });
    else {
      a.set(weights.a);
      b.set(weights.b);
    }
  }
  return values;
}

/** FLoRA's components, and LoRA's, lie one after another in files; components beyond the file's keep their initial values. */
function writeLora(
  { a, b }: { readonly a: Float32Array; readonly b: Float32Array },
  { rank, inDim, outDim }: TargetSpans,
  weights: TargetWeights & { readonly scale: number },
): void {
  for (let component = 0; component < weights.rank; component += 1) {
    for (let i = 0; i < inDim; i += 1) a[i * rank + component] = weights.a[component * inDim + i] as number;
    for (let o = 0; o < outDim; o += 1) {
      b[component * outDim + o] = weights.scale * (weights.b[o * weights.rank + component] as number);
    }
  }
}

function checkTarget(
  adapter: Adapter,
  { kind }: ParameterLayout,
  { spans, weights }: { readonly spans: TargetSpans; readonly weights: TargetWeights },
): void {
  const { name, inDim, outDim, rank } = spans;
  if (weights.inDim !== inDim || weights.outDim !== outDim) {
    throw misfit(
      adapter,
      `${name} maps ${inDim} to ${outDim} values, the adapter has factors for ${weights.inDim} to ${weights.outDim}`,
    );
  }
  if (weights.rank > rank) throw misfit(adapter, `${name} is trained at rank ${rank}, the adapter has rank ${weights.rank}`);
  if (kind === 'ia3' && weights.b.some((value) => value !== 1)) {
    throw misfit(adapter, `it scales the inputs of ${name}, which (IA)³ as it is trained here does not; train it as flora`);
  }
}

function misfit(adapter: Adapter, problem: string): FloraAsrError {
  return new FloraAsrError('adapter_incompatible', `Training cannot continue adapter ${adapter.id}: ${problem}.`);
}

/** @returns [columns, rows] of a [rows, columns] matrix */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      turned[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return turned;
}
