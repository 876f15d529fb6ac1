import { expect, it } from 'vitest';
import { readTokenBytes } from '../../../asr/whisper/token-bytes.ts';
import { openTokenizer } from '../../../asr/whisper/tokenizer.ts';
import { realCheckpoint } from '../../support/real-engine.ts';

it('has the bytes of any text, token by token', async () => {
  const { tokenizerPath } = await realCheckpoint();
  const [tokenizer, bytesOf] = [openTokenizer(tokenizerPath), readTokenBytes(tokenizerPath)];
  for (const text of ['Una ñ, ένα γράμμα.', ' Привет,\nмир — 你好 👩‍👩‍👧!', ' ~\t\u00ad']) {
    const bytes = tokenizer.encode(text).map((token) => Buffer.from(bytesOf(token)));
    expect(Buffer.concat(bytes).toString()).toBe(text);
  }
});
