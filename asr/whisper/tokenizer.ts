import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { TokenId } from './config.ts';

/** Whisper's byte-level BPE, as far as recognition needs it. */
export interface TextTokenizer {
  /** The text of tokens, special tokens left out. Bytes that are no UTF-8 become U+FFFD. */
  decode(tokens: readonly TokenId[]): string;
  /** The tokens of a text, none added. */
  encode(text: string): TokenId[];
}

/**
 * @param file `tokenizer.json`, in the Hugging Face tokenizers format
 * @throws FloraAsrError `weights_corrupt`
 */
export function openTokenizer(file: string): TextTokenizer {
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(JSON.parse(readFileSync(file, 'utf8')) as object, {});
  } catch (cause) {
    throw new FloraAsrError('weights_corrupt', `${file} is not a tokenizer: ${String(cause)}`, { cause });
  }
  return {
    // the library refuses to decode nothing; a row may say nothing
    decode: (tokens) =>
      tokens.length === 0
        ? ''
        : tokenizer.decode([...tokens], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids as TokenId[],
  };
}
