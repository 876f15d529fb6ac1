import { seededRandom } from '../benches/draw.ts';
import type { Random } from './random-choices.ts';

/** What an example is made of. All that is left to chance in it follows from its seed. */
export interface ExampleSpec {
  /** places in the list of utterances: one, or those that are joined, in their order */
  readonly parts: readonly number[];
  /** whose adapter learns from it */
  readonly learner: number;
  readonly seed: number;
  /** encoder positions at its own length: never more, seldom less */
  readonly context: number;
  /** text tokens and end-of-text */
  readonly targetTokens: number;
}

/** Sources of chance for one example: what is drawn from one does not move the others. */
export interface ExampleRandom {
  readonly joining: Random;
  readonly signal: Random;
  readonly features: Random;
  readonly others: Random;
}

export function exampleRandom(seed: number): ExampleRandom {
  const source = (purpose: number) => seededRandom(seed ^ Math.imul(purpose, 0x9e3779b1));
  return { joining: source(1), signal: source(2), features: source(3), others: source(4) };
}
