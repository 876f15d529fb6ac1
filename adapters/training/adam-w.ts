import type { Span } from './parameter-layout.ts';

export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** share of the distance to the identity that a step of learning rate 1 goes */
  readonly weightDecay: number;
}

/** Running means of the gradient and of its square, as long as the parameters. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** What one update works on; the moments and the values are changed in place. */
export interface AdamWUpdate {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly moments: Moments;
  /** how many updates there were, this one included */
  readonly update: number;
  readonly learningRate: number;
  /** the gradient is taken this many times, for clipping */
  readonly gradientScale: number;
  /** what the decay pulls towards */
  readonly identity: Float32Array;
  /** entries outside stay as they are */
  readonly trained: readonly Span[];
}

export function zeroMoments(length: number): Moments {
  return { first: new Float32Array(length), second: new Float32Array(length) };
}

/**
 * AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2), with bias correction. The decoupled
 * decay pulls towards the identity instead of towards 0, which for a multiplicative adapter would be silence:
 *
 *     value ← value − lr · weightDecay · (value − identity)
 *     value ← value − lr · m̂ / (√v̂ + epsilon)
 */
export function adamWUpdate(work: AdamWUpdate, { beta1, beta2, epsilon, weightDecay }: AdamWSettings): void {
  const { values, gradient, identity, learningRate, gradientScale } = work;
  const { first, second } = work.moments;
  const correction1 = 1 - beta1 ** work.update;
  const correction2 = 1 - beta2 ** work.update;
  const decay = learningRate * weightDecay;
  for (const { start, end } of work.trained) {
    for (let i = start; i < end; i += 1) {
      const slope = gradientScale * (gradient[i] as number);
      const mean = beta1 * (first[i] as number) + (1 - beta1) * slope;
      const square = beta2 * (second[i] as number) + (1 - beta2) * slope * slope;
      first[i] = mean;
      second[i] = square;
      const value = values[i] as number;
      const pulled = value - decay * (value - (identity[i] as number));
      values[i] = pulled - (learningRate * (mean / correction1)) / (Math.sqrt(square / correction2) + epsilon);
    }
  }
}
