import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadAdapter } from '../../../../adapters/load-adapter.ts';
import { writeAdapter } from '../../../../adapters/write-adapter.ts';
import { cellRecipe } from '../../../../bench/benches/adapter-kinds/study-recipe.ts';
import { writeRandomAdapter } from '../../../../bench/random-adapter.ts';
import { readSummary, writeCards } from '../../../../bench/wer/cards/write-cards.ts';
import { temporaryFolders } from '../../../support/temporary-folder.ts';
import { allTargets, TINY, TINY_BASE } from '../../../support/tiny-whisper.ts';

const newFolder = temporaryFolders();
const RECIPE = cellRecipe({ kind: 'flora', seed: 1, languages: ['el'], limit: 300, devLimit: 10, epochs: 3, rateFactor: 1 });

function randomAdapterIn(folder: string, language: string) {
  const about = { base: TINY_BASE, targets: allTargets(TINY), rank: 1, scale: 0.1, seed: 1, contextPolicy: null };
  return writeRandomAdapter(folder, { name: `${language}-random`, language, ...about });
}

/** An evaluation that measured nothing. */
function documentOf(adapters: Readonly<Record<string, { readonly digest: string }>>): unknown {
  const none = { languages: {} };
  return { settings: { augment: 'none' }, corpus: { name: 'own', split: 'test' }, adapters, all: none, spoken: none };
}

describe('model cards', () => {
  it('go beside the adapters that were measured, and no others', () => {
    const folder = newFolder();
    const greek = randomAdapterIn(join(folder, 'el'), 'el');
    randomAdapterIn(join(folder, 'ru'), 'ru');
    writeFileSync(join(folder, 'el', 'README.md'), 'an older one');
    const documents = [{ source: 'this one', document: documentOf({ el: greek }) }];
    expect(writeCards({ folder, adapters: [greek], documents, from: folder })).toEqual([join(folder, 'el', 'README.md')]);
    const card = readFileSync(join(folder, 'el', 'README.md'), 'utf8');
    expect(card).toContain('# el-random 1.0.0');
    expect(card).toContain(greek.digest);
    const parameters = [...greek.weights.values()].reduce((sum, { a, b }) => sum + a.length + b.length, 0);
    expect(card).toContain(`${parameters.toLocaleString('en')} numbers`);
    expect(existsSync(join(folder, 'ru', 'README.md'))).toBe(false);
  });

  it('tell paths as they are seen from there, and none of elsewhere', () => {
    const folder = newFolder();
    const training = { data: null, recipe: JSON.parse(JSON.stringify(RECIPE)) };
    const { manifest, weights } = randomAdapterIn(join(folder, 'el'), 'el');
    writeAdapter(join(folder, 'el'), { manifest: { ...manifest, training }, weights });
    const adapters = [loadAdapter(join(folder, 'el'))];
    const commandFrom = (from: string) => {
      writeCards({ folder, adapters, documents: [], from });
      return /--from (\S+)/.exec(readFileSync(join(folder, 'el', 'README.md'), 'utf8'))?.[1];
    };
    expect(commandFrom(folder)).toBe('el/adapter.json');
    expect(commandFrom(newFolder())).toBe('adapter.json');
  });

  it('go into the folder that is the adapter, and leave the adapter as it is', () => {
    const folder = newFolder();
    const greek = randomAdapterIn(folder, 'el');
    const documents = [{ source: 'this one', document: documentOf({}) }];
    expect(writeCards({ folder, adapters: [greek, greek], documents, from: folder })).toEqual([join(folder, 'README.md')]);
    expect(writeCards({ folder, adapters: [greek], documents, from: folder })).toHaveLength(1);
  });

  it('take other evaluations as they were written', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'summary.json'), '{');
    expect(() => readSummary(join(folder, 'summary.json'))).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
    expect(() => readSummary(join(folder, 'none.json'))).toThrow(expect.objectContaining({ code: 'file_not_found' }));
  });
});
