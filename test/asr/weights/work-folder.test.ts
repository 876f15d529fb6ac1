import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { claimWorkFolder } from '../../../asr/weights/work-folder.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = temporaryFolders();

test('two pulls at the same time have a folder each', async () => {
  const parent = makeFolder();
  const [one, other] = [await claimWorkFolder(parent, 'm'), await claimWorkFolder(parent, 'm')];
  expect(one.folder).not.toBe(other.folder);
  await one.remove();
  await other.remove();
  expect(readdirSync(parent)).toEqual([]);
});

test('what a pull leaves is taken over by one later pull of the same model', async () => {
  const parent = makeFolder();
  const first = await claimWorkFolder(parent, 'm');
  writeFileSync(path.join(first.folder, 'half'), 'x');
  await first.release();
  const unrelated = await claimWorkFolder(parent, 'n');
  expect(existsSync(path.join(unrelated.folder, 'half'))).toBe(false);
  const claimed = await Promise.all([1, 2, 3].map(() => claimWorkFolder(parent, 'm')));
  expect(claimed.filter(({ folder }) => existsSync(path.join(folder, 'half')))).toHaveLength(1);
  for (const work of [unrelated, ...claimed]) await work.remove();
});

test('nothing is left where nothing was gathered', async () => {
  const parent = makeFolder();
  await (await claimWorkFolder(parent, 'm')).release();
  expect(readdirSync(parent)).toEqual([]);
});

test('the folder of a process of another machine is taken over once it is long silent', async () => {
  const parent = makeFolder();
  const theirs = path.join(parent, '.pull~m~elsewhere~1~x');
  mkdirSync(theirs);
  const fresh = await claimWorkFolder(parent, 'm');
  expect(existsSync(theirs)).toBe(true);
  const anHourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(theirs, anHourAgo, anHourAgo);
  const taken = await claimWorkFolder(parent, 'm');
  expect(existsSync(theirs)).toBe(false);
  await fresh.remove();
  await taken.remove();
});
