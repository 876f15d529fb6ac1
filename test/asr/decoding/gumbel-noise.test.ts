import { describe, expect, it } from 'vitest';
import { gumbelNoise, seedOf } from '../../../asr/decoding/gumbel-noise.ts';

const LOG_PROBS = [0.5, 0.3, 0.2].map(Math.log);

/** How often each token has the largest logit, of so many steps. */
function draws(temperature: number, steps: number, logits: readonly number[] = LOG_PROBS): readonly number[] {
  const add = gumbelNoise({ seed: 7, temperature });
  const counts = logits.map(() => 0);
  for (let step = 0; step < steps; step += 1) {
    const noisy = Float32Array.from(logits);
    add(noisy);
    const best = noisy.indexOf(Math.max(...noisy));
    counts[best] = (counts[best] ?? 0) + 1;
  }
  return counts.map((count) => count / steps);
}

describe('gumbelNoise', () => {
  it('makes of the largest logit a draw by the tokens’ probabilities', () => {
    for (const [token, share] of draws(1, 20_000).entries()) {
      expect(Math.abs(share - Math.exp(LOG_PROBS[token] ?? 0))).toBeLessThan(0.015);
    }
  });

  it('draws by their square at half the temperature', () => {
    const total = 0.25 + 0.09 + 0.04;
    for (const [token, share] of draws(0.5, 20_000).entries()) {
      expect(Math.abs(share - Math.exp(2 * (LOG_PROBS[token] ?? 0)) / total)).toBeLessThan(0.015);
    }
  });

  it('leaves what is masked masked, and is finite otherwise', () => {
    expect(draws(1, 2_000, [Number.NEGATIVE_INFINITY, 0])).toEqual([0, 1]);
    const mask = new Float32Array(200_000);
    gumbelNoise({ seed: 1, temperature: 1 })(mask);
    expect(mask.every(Number.isFinite)).toBe(true);
  });

  it('is the same for the same seed, and another for another', () => {
    const noiseOf = (seed: number) => {
      const mask = new Float32Array(8);
      gumbelNoise({ seed, temperature: 1 })(mask);
      return mask;
    };
    expect(noiseOf(3)).toEqual(noiseOf(3));
    expect(noiseOf(3)).not.toEqual(noiseOf(4));
  });
});

describe('seedOf', () => {
  it('depends on every sample, wherever they lie in memory, and on the settings', () => {
    const samples = Float32Array.from({ length: 100 }, (_, index) => Math.sin(index));
    const view = Float32Array.of(9, 9, ...samples).subarray(2);
    expect(seedOf(view, 'a')).toBe(seedOf(samples, 'a'));
    expect(seedOf(samples, 'b')).not.toBe(seedOf(samples, 'a'));
    const seeds = Array.from(samples, (_, index) => seedOf(samples.with(index, 0.123), 'a'));
    expect(new Set([...seeds, seedOf(samples, 'a')]).size).toBe(101);
  });
});
