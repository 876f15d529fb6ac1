import { readdir, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { oggVorbisSeconds } from '../../bench/corpora/ogg-duration.ts';
import { TUXPAINT_LANGUAGES } from '../../bench/corpora/tuxpaint-stamps.ts';

const FOLDER = fileURLToPath(new URL('../fixtures/speech/', import.meta.url));
const index: readonly { file: string; language: string; text: string }[] = JSON.parse(
  await readFile(`${FOLDER}index.json`, 'utf8'),
);

describe('the speech fixtures', () => {
  it('are the files of their index, three in each language, each with a text and its origin', async () => {
    const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.ogg'));
    expect(index.map(({ file }) => file).sort()).toEqual(files.sort());
    const readme = await readFile(`${FOLDER}README.md`, 'utf8');
    for (const { file, text } of index) {
      expect(text).not.toBe('');
      expect(readme).toContain(`\`${file}\``);
    }
    for (const language of TUXPAINT_LANGUAGES) {
      expect(index.filter((one) => one.language === language)).toHaveLength(3);
    }
  });

  it('last between one and four seconds, by their own statement', async () => {
    for (const { file } of index) {
      const seconds = oggVorbisSeconds(await readFile(FOLDER + file));
      expect(seconds, file).toBeGreaterThan(1);
      expect(seconds, file).toBeLessThan(4);
    }
    expect(oggVorbisSeconds(await readFile(`${FOLDER}fr-grave-i.ogg`))).toBeCloseTo(1.07, 1);
    expect(oggVorbisSeconds(Buffer.from('not audio'))).toBeNull();
  });

  it('stay under 600 kB', async () => {
    const sizes = await Promise.all(index.map(async ({ file }) => (await stat(FOLDER + file)).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(600_000);
  });
});
