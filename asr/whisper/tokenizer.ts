import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { TokenId } from './config.ts';

/** Whisper's byte-level BPE, as far as recognition needs it. */
export interface TextTokenizer {
  /** The text of tokens, special tokens left out. Bytes that are no UTF-8 become U+FFFD. */
  decode(tokens: readonly TokenId[]): string;
  /** The tokens of a text, none added. */
  encode(text: string): TokenId[];
}

const tokenizerFileSchema = z.looseObject({
  model: z.looseObject({
    vocab: z.record(z.string(), z.int()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});
type TokenizerFile = z.output<typeof tokenizerFileSchema>;

/** Tokens 0 to 255 are bytes; each further one is made by a merge, in their order. */
const FIRST_MERGED_TOKEN = 256;

/**
 * @param file `tokenizer.json`, in the Hugging Face tokenizers format
 * @throws FloraAsrError `weights_corrupt`
 */
export function openTokenizer(file: string): TextTokenizer {
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(withFirstMerge(tokenizerFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))), {});
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

/**
 * Files in use lack the first merge, a space and `t`, and begin with that of the second token. Without it each word that
 * begins with `t` falls into other tokens than those that Whisper learned. Decoding needs no merges.
 */
function withFirstMerge(file: TokenizerFile): TokenizerFile {
  const { vocab, merges } = file.model;
  const [first] = merges;
  const made = typeof first === 'string' ? first.replace(' ', '') : first?.join('');
  if (made === undefined || vocab[made] !== FIRST_MERGED_TOKEN + 1) return file;
  const missing = Object.keys(vocab).find((token) => vocab[token] === FIRST_MERGED_TOKEN);
  const [left, right, ...more] = missing ?? '';
  if (left === undefined || right === undefined || more.length > 0) return file;
  const merge = typeof first === 'string' ? `${left} ${right}` : ([left, right] as [string, string]);
  return { ...file, model: { ...file.model, merges: [merge, ...merges] } };
}
