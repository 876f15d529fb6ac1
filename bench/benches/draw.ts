/** What a case is drawn from. */
export interface Draw {
  /** whole, both ends included */
  whole(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<Choice>(choices: readonly Choice[]): Choice;
  bytes(count: number): Buffer;
}

/** The same seed and index give the same draws, whatever was drawn for other indices. */
export function drawOf(seed: number, index: number): Draw {
  const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  return {
    whole,
    chance: (probability) => random() < probability,
    pick: (choices) => {
      if (choices.length === 0) throw new RangeError('There is nothing to pick from.');
      return choices[whole(0, choices.length - 1)] as (typeof choices)[number];
    },
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => whole(0, 255))),
  };
}

/** A generator of 32 bits of state (mulberry32), uniform in [0, 1); github.com/bryc/code, PRNGs. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
