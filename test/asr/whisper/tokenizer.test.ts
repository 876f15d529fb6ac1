import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTokenizer } from '../../../asr/whisper/tokenizer.ts';

/** `Ġ` stands for a space. Tokens from 256 on are made by merges, in their order. */
const VOCAB = { a: 64, e: 68, h: 71, t: 83, Ġ: 220, Ġt: 256, Ġa: 257, Ġth: 258, Ġthe: 259 };
const MERGES = ['Ġ t', 'Ġ a', 'Ġt h', 'Ġth e'];

let file: string;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flora-asr-tokenizer-'));
  file = join(folder, 'tokenizer.json');
});
afterEach(async () => rm(folder, { recursive: true }));

async function writeTokenizer(merges: readonly (string | readonly string[])[]): Promise<void> {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const model = { type: 'BPE', vocab: VOCAB, merges };
  const parts = { added_tokens: [], normalizer: null, pre_tokenizer: byteLevel, post_processor: null, decoder: byteLevel };
  await writeFile(file, JSON.stringify({ version: '1.0', ...parts, model }));
}

describe('a tokenizer', () => {
  it.each([
    ['whole', MERGES],
    ['without its first merge, as in files in use', MERGES.slice(1)],
    ['with pairs', MERGES.map((merge) => merge.split(' '))],
    ['with pairs, without the first', MERGES.slice(1).map((merge) => merge.split(' '))],
  ])('that is %s encodes words as Whisper learned them', async (_, merges) => {
    await writeTokenizer(merges);
    expect(openTokenizer(file).encode(' the at a')).toEqual([259, 257, 83, 257]);
  });

  it('is refused where it is none', async () => {
    await writeFile(file, '{"model": {}}');
    expect(() => openTokenizer(file)).toThrowError(expect.objectContaining({ code: 'weights_corrupt' }));
  });
});
