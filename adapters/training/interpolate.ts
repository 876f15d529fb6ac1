import { checkLength, type ParameterLayout, viewsAt } from './parameter-layout.ts';

/**
 * Parameters between the identity (alpha 0, exactly the base model) and those given (alpha 1, exactly those).
 *   component 0 of FLoRA, and (IA)³: a ← 1 + alpha · (a − 1), and b likewise
 *   further components: a ← alpha · a, b as it is, so that a component's product grows linearly in alpha
 *   LoRA: b ← alpha · b, a as it is
 * @returns a fresh array
 * @throws FloraAsrError `argument_invalid` if the array is not of the layout's length
 */
export function interpolate(layout: ParameterLayout, values: Float32Array, alpha: number): Float32Array {
  checkLength(layout, values);
  const between = values.slice();
  if (alpha === 1) return between; // 1 + (a − 1) may round
  for (const spans of layout.targets) {
    const { a, b } = viewsAt(between, spans);
    if (layout.kind === 'lora') {
      scale(b, alpha);
      continue;
    }
    towardsOnes(a.subarray(0, spans.outDim), alpha);
    towardsOnes(b.subarray(0, spans.inDim), alpha);
    scale(a.subarray(spans.outDim), alpha);
  }
  return between;
}

function towardsOnes(values: Float32Array, alpha: number): void {
  for (let i = 0; i < values.length; i += 1) values[i] = 1 + alpha * ((values[i] as number) - 1);
}

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i += 1) values[i] = factor * (values[i] as number);
}
