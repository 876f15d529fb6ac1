import type { RowRules } from '../../asr/decoding/row-decoding.ts';
import type { TokenId } from '../../asr/whisper/config.ts';

export const END = 40 as TokenId;

/** A row with a prompt of one token, that ends at END or after 20 tokens. */
export const RULES: RowRules = {
  prompt: [41 as TokenId],
  start: 0,
  prefix: [],
  endOfText: END,
  limit: 20,
  forced: false,
  guarded: true,
  hotWords: null,
  noise: null,
};
