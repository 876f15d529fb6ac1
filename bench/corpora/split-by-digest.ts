import { createHash } from 'node:crypto';
import type { Split } from './corpus.ts';

/**
 * The split of everything that has `key` in common: a picture, so that no concept is in two splits; a speaker, so that
 * no voice is. sha1 as a number, mod 100: below 12 test, below 18 dev, else train.
 */
export function splitByDigest(key: string): Split {
  const digest = createHash('sha1').update(key, 'utf8').digest('hex');
  const bucket = Number(BigInt(`0x${digest}`) % 100n);
  if (bucket < 12) return 'test';
  return bucket < 18 ? 'dev' : 'train';
}
