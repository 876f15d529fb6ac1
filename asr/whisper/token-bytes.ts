import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { TokenId } from './config.ts';

/** The bytes of UTF-8 that a text token stands for, which may begin or end inside a character. */
export type TokenBytes = (token: TokenId) => Uint8Array;

const vocabularySchema = z.looseObject({ model: z.looseObject({ vocab: z.record(z.string(), z.int()) }) });

/**
 * @param file `tokenizer.json`, in the Hugging Face tokenizers format
 * @throws FloraAsrError `weights_corrupt`
 */
export function readTokenBytes(file: string): TokenBytes {
  const texts = new Map<number, string>();
  try {
    const { vocab } = vocabularySchema.parse(JSON.parse(readFileSync(file, 'utf8'))).model;
    for (const [text, id] of Object.entries(vocab)) texts.set(id, text);
  } catch (cause) {
    throw new FloraAsrError('weights_corrupt', `${file} has no vocabulary: ${String(cause)}`, { cause });
  }
  return (token) => {
    const bytes = [...(texts.get(token) ?? '')].map((letter) => BYTE_OF_LETTER.get(letter));
    return bytes.includes(undefined) ? NONE : Uint8Array.from(bytes as number[]);
  };
}

const NONE = new Uint8Array(0);

/**
 * A vocabulary writes each byte as a letter that can be seen: itself where it can, or else one of those from U+0100 on
 * (openai/gpt-2, `bytes_to_unicode`).
 */
const BYTE_OF_LETTER: ReadonlyMap<string, number> = byteLetters();

function byteLetters(): ReadonlyMap<string, number> {
  const letters = new Map<string, number>();
  let others = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const seen = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
    letters.set(String.fromCodePoint(seen ? byte : 0x100 + others), byte);
    if (!seen) others += 1;
  }
  return letters;
}
