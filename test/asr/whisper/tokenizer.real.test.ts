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
