import { uniform } from '../../kernels/uniform.ts';

/** What makes a row's draws: where it is 0, nothing is drawn. */
export interface NoiseRules {
  readonly seed: number;
  readonly temperature: number;
}

/**
 * Noise that makes the most likely token a drawn one: of logits with so much Gumbel noise added to each, the largest is
 * a draw from softmax(logits / temperature) (Gumbel, 1954; "the Gumbel-max trick"). The same seed gives the same noise.
 * @returns a function that adds the noise of the next step to a mask, in place
 */
export function gumbelNoise({ seed, temperature }: NoiseRules): (mask: Float32Array) => void {
  const random = uniform(seed);
  return (mask) => {
    for (let token = 0; token < mask.length; token += 1) {
      mask[token] = (mask[token] as number) - temperature * Math.log(-Math.log(random()));
    }
  };
}

/** A seed for a row's draws, from its samples and whatever else decides them: the same for the same, wherever it runs. */
export function seedOf(samples: Float32Array, settings: string): number {
  const bits = new Uint32Array(samples.buffer, samples.byteOffset, samples.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bits.length; i += 1) hash = fold(hash, bits[i] as number);
  for (let i = 0; i < settings.length; i += 1) hash = fold(hash, settings.charCodeAt(i));
  return hash >>> 0;
}

/** FNV-1a, by words, with the high bits brought down, since only they depend on all of a word. */
function fold(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x01000193);
  return product ^ (product >>> 15);
}
