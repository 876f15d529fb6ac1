import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit, SPLITS } from './corpus.ts';

/**
 * The folders of single languages below `folder`: itself, or those in it, by name. Such a folder has tables of its splits
 * (`train.tsv` …), and `audioFolder` beside them.
 * @returns none if there is no such folder
 */
export async function languageFolders(folder: string, audioFolder: string): Promise<readonly string[]> {
  if (await isOfOneLanguage(folder, audioFolder)) return [folder];
  const names = await readdir(folder).catch(() => []);
  const found: string[] = [];
  for (const name of [...names].sort(byCodeUnit)) {
    if (await isOfOneLanguage(join(folder, name), audioFolder)) found.push(join(folder, name));
  }
  return found;
}

async function isOfOneLanguage(folder: string, audioFolder: string): Promise<boolean> {
  const audio = await stat(join(folder, audioFolder)).catch(() => null);
  if (!audio?.isDirectory()) return false;
  const names = await readdir(folder);
  return SPLITS.some((split) => names.includes(`${split}.tsv`));
}
