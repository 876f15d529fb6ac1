import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSpoken } from '../../../bench/corpora/corpus.ts';
import { splitByDigest } from '../../../bench/corpora/split-by-digest.ts';
import { findRecordings, parseDescriptions } from '../../../bench/corpora/tuxpaint-stamps.ts';

describe('the split of a picture', () => {
  // sha1 as a number, mod 100, by Python's hashlib.
  it.each([
    ['food/fruit/cherimoya', 11, 'test'],
    ['animals/mammals/bovines/indian_blackbuck', 12, 'dev'],
    ['animals/birds/quetzal', 17, 'dev'],
    ['food/loaf_of_bread', 18, 'train'],
    ['symbols/alphabets/asl/asl_p', 84, 'train'],
  ] as const)('of %s, with %i, is %s', (picture, _, split) => {
    expect(splitByDigest(picture)).toBe(split);
  });
});

describe('spoken', () => {
  it('means at most 25 characters per second', () => {
    expect(isSpoken('x'.repeat(50), 2)).toBe(true);
    expect(isSpoken('x'.repeat(51), 2)).toBe(false);
  });
});

describe("a stamp's texts", () => {
  it('are read by language, trimmed, without the English first line', () => {
    const texts = parseDescriptions('en.utf8=A cat.\nca.utf8=Un gat. \r\nca@valencia.utf8=Un altre.\nes.utf8=a=b\n');
    expect([...texts]).toEqual([
      ['ca', 'Un gat.'],
      ['ca@valencia', 'Un altre.'],
      ['es', 'a=b'],
    ]);
  });

  it('leave out a language whose text is empty', () => {
    expect(parseDescriptions('A cat.\nca.utf8=  \n').size).toBe(0);
  });
});

describe('the recordings below a stamps folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flora-asr-stamps-'));
    await mkdir(join(folder, 'animals'));
    const files = ['cat.txt', 'cat_desc_ca.ogg', 'cat_desc_es.ogg', 'cat_desc_nl.ogg', 'cat.png', 'Dog.txt', 'dog_desc_es.ogg'];
    for (const file of files) await writeFile(join(folder, 'animals', file), 'English\nca.utf8=Un gat.\n');
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it('are those of the eight languages, by path, with their texts or none', async () => {
    expect(await findRecordings(folder)).toEqual([
      { picture: 'animals/cat', language: 'ca', audioPath: 'animals/cat_desc_ca.ogg', text: 'Un gat.' },
      { picture: 'animals/cat', language: 'es', audioPath: 'animals/cat_desc_es.ogg', text: null },
      { picture: 'animals/dog', language: 'es', audioPath: 'animals/dog_desc_es.ogg', text: null },
    ]);
  });
});
