import { homedir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from '../../../asr/weights/cache-folder.ts';

test('the cache is where FLORA_ASR_CACHE says', () => {
  expect(cacheFolder({ FLORA_ASR_CACHE: '/var/models', XDG_CACHE_HOME: '/xdg' })).toBe(path.resolve('/var/models'));
});

test('else it lies below XDG_CACHE_HOME, if that is absolute', () => {
  const xdg = path.resolve('/xdg');
  expect(cacheFolder({ FLORA_ASR_CACHE: '', XDG_CACHE_HOME: xdg })).toBe(path.join(xdg, 'flora-asr'));
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toBe(path.join(homedir(), '.cache', 'flora-asr'));
});

test('else it lies in the home folder', () => {
  expect(cacheFolder({})).toBe(path.join(homedir(), '.cache', 'flora-asr'));
});
