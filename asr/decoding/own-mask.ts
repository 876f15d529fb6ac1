import { favourHotWords } from './hot-words.ts';
import { maskIndex } from './masks.ts';
import { maskToFeed, type RowDecoding } from './row-decoding.ts';

/**
 * The mask of a row that needs one of its own where the model chooses its next token; null where that of its kind will
 * do. Hot words are likelier; where tokens are drawn, there is noise in the mask. Log-probabilities are the model's all
 * the same.
 * @param kinds of `decodingMasks`
 * @returns [vocab], valid until the row's next step
 */
export function ownMask(row: RowDecoding, kinds: readonly Float32Array[]): Float32Array | null {
  if (row.position < row.rules.prompt.length - 1) return null;
  const { hotWords } = row.rules;
  if (hotWords === null && row.addNoise === null) return null;
  const kind = kinds[maskIndex(maskToFeed(row))] as Float32Array;
  row.mask ??= new Float32Array(kind.length);
  row.mask.set(kind);
  if (hotWords !== null) favourHotWords(hotWords, row.tokens, row.mask);
  row.addNoise?.(row.mask);
  return row.mask;
}
