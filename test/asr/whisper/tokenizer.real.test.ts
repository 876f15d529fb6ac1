import { expect, it } from 'vitest';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { openTokenizer } from '../../../asr/whisper/tokenizer.ts';
import { realCheckpoint } from '../../support/real-engine.ts';

it('gives a text back from its tokens, leaves special tokens out, and has no text for no tokens', async () => {
  const tokenizer = openTokenizer((await realCheckpoint()).tokenizerPath);
  const endOfText = 50257 as TokenId;
  const text = 'Una ñ, ένα γράμμα.';
  expect(tokenizer.decode([...tokenizer.encode(text), endOfText])).toBe(text);
  expect(tokenizer.decode([])).toBe('');
});

it('encodes each word of the vocabulary as itself, those that begin with t too', async () => {
  const tokenizer = openTokenizer((await realCheckpoint()).tokenizerPath);
  const words = Array.from({ length: 50_256 }, (_, id) => [id, tokenizer.decode([id as TokenId])] as const).filter(([, text]) =>
    /^ ?\p{L}+$/u.test(text),
  );
  expect(words.length).toBeGreaterThan(40_000);
  expect(words.filter(([id, text]) => tokenizer.encode(text).join() !== String(id))).toEqual([]);
});
