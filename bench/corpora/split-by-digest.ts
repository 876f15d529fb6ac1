import { createHash } from 'node:crypto';
import type { Split } from './corpus.ts';

/** Of 100: so many are test, so many dev, the rest train. */
export interface SplitShares {
  readonly test: number;
  readonly dev: number;
}

const USUAL: SplitShares = { test: 12, dev: 6 };

/**
 * The split of everything that has `key` in common: a picture, so that no concept is in two splits; a speaker, so that
 * no voice is. sha1 as a number, mod 100: below 12 test, below 18 dev, else train, or by other shares.
 */
export function splitByDigest(key: string, { test, dev }: SplitShares = USUAL): Split {
  const digest = createHash('sha1').update(key, 'utf8').digest('hex');
  const bucket = Number(BigInt(`0x${digest}`) % 100n);
  if (bucket < test) return 'test';
  return bucket < test + dev ? 'dev' : 'train';
}
