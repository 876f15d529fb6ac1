import { FloraAsrError } from '../../kernels/errors.ts';
import type { AdapterKind } from '../manifest.ts';
import type { Target } from '../target.ts';

/**
 * What is trained at a target.
 *   flora: y = Σ_k a_k ∘ ((b_k ∘ x) W), a [rank, out], b [rank, in]
 *   ia3:   the same at rank 1, whose b stays ones: outputs are scaled (Liu et al. 2022, arXiv 2205.05638)
 *   lora:  y = x W + (x A) B, a [in, rank], b [rank, out]
 */
export type LearnerKind = 'flora' | 'ia3' | 'lora';

/** A layer that is trained, and how many components it has. */
export interface TrainedTarget extends Target {
  readonly rank: number;
}

/** Entries `start` to `end`, without the latter, of a learner's flat array. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a target's factors lie. */
export interface TargetSpans extends TrainedTarget {
  readonly a: Span;
  readonly b: Span;
}

/**
 * How one learner's parameters lie in one flat array: target after target, a before b, each as a slot of
 * the serving bank holds it (see bank.ts). That of LoRA is therefore transposed in files, and its b holds
 * the scale, so that a saved adapter has no alpha.
 */
export interface ParameterLayout {
  readonly kind: LearnerKind;
  readonly targets: readonly TargetSpans[];
  /** of the flat array */
  readonly length: number;
  /** the entries that training changes, in order: all but (IA)³'s b */
  readonly trained: readonly Span[];
}

/** A target's factors within a learner's array: views, not copies. */
export interface FactorViews {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** @throws FloraAsrError `argument_invalid` for no targets, one twice, a wrong size or rank, or (IA)³ beyond rank 1 */
export function parameterLayout(kind: LearnerKind, targets: readonly TrainedTarget[]): ParameterLayout {
  if (targets.length === 0) throw new FloraAsrError('argument_invalid', 'There is no target to train.');
  const spans: TargetSpans[] = [];
  let length = 0;
  for (const target of targets) {
    checkTarget(kind, target);
    if (spans.some(({ name }) => name === target.name)) {
      throw new FloraAsrError('argument_invalid', `Target ${target.name} is listed twice.`);
    }
    const { name, inDim, outDim, rank } = target;
    const [aLength, bLength] = kind === 'lora' ? [inDim * rank, rank * outDim] : [rank * outDim, rank * inDim];
    const a = { start: length, end: length + aLength };
    const b = { start: a.end, end: a.end + bLength };
    spans.push({ name, inDim, outDim, rank, a, b });
    length = b.end;
  }
  const trained = kind === 'ia3' ? spans.map(({ a }) => a) : [{ start: 0, end: length }];
  return { kind, targets: spans, length, trained };
}

/** @throws FloraAsrError `argument_invalid` if the layout has no such target, or the array is not of its length */
export function factorViews(layout: ParameterLayout, values: Float32Array, target: string): FactorViews {
  checkLength(layout, values);
  const spans = layout.targets.find(({ name }) => name === target);
  if (spans === undefined) throw new FloraAsrError('argument_invalid', `Target ${target} is not among those trained.`);
  return viewsAt(values, spans);
}

export function viewsAt(values: Float32Array, { a, b }: TargetSpans): FactorViews {
  return { a: values.subarray(a.start, a.end), b: values.subarray(b.start, b.end) };
}

/** @throws FloraAsrError `argument_invalid` */
export function checkLength(layout: ParameterLayout, values: Float32Array): void {
  if (values.length === layout.length) return;
  throw new FloraAsrError('argument_invalid', `A learner has ${layout.length} parameters here, not ${values.length}.`);
}

/** The kind under which files hold what was trained. */
export function savedKind(kind: LearnerKind): AdapterKind {
  return kind === 'ia3' ? 'flora' : kind;
}

function checkTarget(kind: LearnerKind, { name, inDim, outDim, rank }: TrainedTarget): void {
  for (const [what, count] of Object.entries({ inDim, outDim, rank })) {
    if (Number.isInteger(count) && count >= 1) continue;
    throw new FloraAsrError('argument_invalid', `Target ${name}: ${what} is a whole number from 1, not ${count}.`);
  }
  if (kind !== 'ia3' || rank === 1) return;
  throw new FloraAsrError('argument_invalid', `Target ${name}: (IA)³ has rank 1, not ${rank}; FLoRA has higher ranks.`);
}
