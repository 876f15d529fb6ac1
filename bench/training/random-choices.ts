/** Uniform in [0, 1), from a seed: the one source of chance here. */
export type Random = () => number;

/** Both ends included. */
export type Range = readonly [least: number, most: number];

export function uniform(random: Random, [least, most]: Range): number {
  return least + random() * (most - least);
}

/** Uniform in the logarithm: as often between 4 and 8 as between 8 and 16. */
export function logUniform(random: Random, [least, most]: Range): number {
  return Math.exp(uniform(random, [Math.log(least), Math.log(most)]));
}

/** A whole number, both ends included. */
export function whole(random: Random, [least, most]: Range): number {
  return least + Math.floor(random() * (most - least + 1));
}

export function pick<Choice>(random: Random, choices: readonly [Choice, ...Choice[]]): Choice {
  return choices[whole(random, [0, choices.length - 1])] as Choice;
}

/** A seed for a generator of its own. */
export function drawSeed(random: Random): number {
  return Math.floor(random() * 2 ** 32);
}

/** In a new order, each as likely as any other (Fisher and Yates). */
export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = whole(random, [0, last]);
    [result[last], result[other]] = [result[other] as Item, result[last] as Item];
  }
  return result;
}
