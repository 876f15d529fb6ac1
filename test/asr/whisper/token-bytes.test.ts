import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TokenId } from '../../../asr/whisper/config.ts';
import { readTokenBytes } from '../../../asr/whisper/token-bytes.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const temporaryFolder = temporaryFolders();
const vocabularyOf = (vocab: unknown) => {
  const file = path.join(temporaryFolder(), 'tokenizer.json');
  writeFileSync(file, JSON.stringify({ model: { vocab } }));
  return file;
};

describe('the bytes of tokens', () => {
  it('are those of a text, of a part of a character, and of a blank', () => {
    const bytesOf = readTokenBytes(vocabularyOf({ azul: 0, Ġun: 1, Ã: 2, '±': 3, Ċ: 4 }));
    const bytes = [0, 1, 2, 3, 4].map((token) => [...bytesOf(token as TokenId)]);
    expect(bytes).toEqual([[0x61, 0x7a, 0x75, 0x6c], [0x20, 0x75, 0x6e], [0xc3], [0xb1], [0x0a]]);
    expect(Buffer.from(bytes.slice(2, 4).flat()).toString()).toBe('ñ');
  });

  it('are none where there is no such token', () => {
    expect([...readTokenBytes(vocabularyOf({ a: 0 }))(7 as TokenId)]).toEqual([]);
  });

  it('come from a vocabulary, or from nowhere', () => {
    expect(() => readTokenBytes(vocabularyOf('a'))).toThrow(expect.objectContaining({ code: 'weights_corrupt' }));
  });
});
