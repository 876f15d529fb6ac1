import { type ParameterLayout, viewsAt } from './parameter-layout.ts';

/**
 * Half the width of the uniform draw for b in FLoRA's components beyond the first. Their a is 0, so they
 * add nothing at first; b of 0 as well would leave both without a gradient, and equal ones would stay equal.
 */
const FURTHER_COMPONENT_SPREAD = 0.1;

/**
 * The parameters that weight decay pulls towards: FLoRA's component 0 of ones, everything else 0. With
 * them, as with `initialParameters`, every row is the base model's.
 */
export function identityParameters(layout: ParameterLayout): Float32Array {
  const values = new Float32Array(layout.length);
  if (layout.kind === 'lora') return values;
  for (const spans of layout.targets) {
    const { a, b } = viewsAt(values, spans);
    a.fill(1, 0, spans.outDim);
    b.fill(1, 0, spans.inDim);
  }
  return values;
}

/**
 * Where training begins: exactly the base model, with a gradient for every component.
 *   flora: component 0 ones; further ones a = 0 and b uniform within ±0.1
 *   ia3:   ones
 *   lora:  a uniform within ±1/√in, as PEFT draws it (Kaiming with slope √5), and b = 0
 * @param random uniform in [0, 1)
 */
export function initialParameters(layout: ParameterLayout, random: () => number): Float32Array {
  const values = identityParameters(layout);
  for (const spans of layout.targets) {
    const { a, b } = viewsAt(values, spans);
    if (layout.kind === 'lora') fillUniform(a, 1 / Math.sqrt(spans.inDim), random);
    else fillUniform(b.subarray(spans.inDim), FURTHER_COMPONENT_SPREAD, random);
  }
  return values;
}

/** Uniform within ±bound. */
function fillUniform(values: Float32Array, bound: number, random: () => number): void {
  for (let i = 0; i < values.length; i += 1) values[i] = bound * (2 * random() - 1);
}
