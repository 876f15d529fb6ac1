import { favourHotWords } from './hot-words.ts';
import { maskIndex } from './masks.ts';
import { maskToFeed, prefixToken, type RowDecoding } from './row-decoding.ts';

/**
 * The mask of a row that needs one of its own for its next step; null where that of its kind will do. Under a prefix
 * only the next token of it is left; hot words are likelier; where tokens are drawn, there is noise in the mask.
 * Log-probabilities are the model's all the same.
 * @param kinds of `decodingMasks`
 * @returns [vocab], valid until the row's next step
 */
export function ownMask(row: RowDecoding, kinds: readonly Float32Array[]): Float32Array | null {
  if (row.position < row.rules.prompt.length - 1) return null;
  const forced = prefixToken(row);
  const { hotWords } = row.rules;
  if (forced === null && hotWords === null && row.addNoise === null) return null;
  const kind = kinds[maskIndex(maskToFeed(row))] as Float32Array;
  row.mask ??= new Float32Array(kind.length);
  if (forced !== null) {
    row.mask.fill(Number.NEGATIVE_INFINITY);
    row.mask[forced] = 0;
    return row.mask;
  }
  row.mask.set(kind);
  if (hotWords !== null) favourHotWords(hotWords, row.tokens, row.mask);
  row.addNoise?.(row.mask);
  return row.mask;
}
