import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { downloadFile, type RemoteFile } from '../../../asr/weights/download-file.ts';
import { type FakeHub, startFakeHub } from '../../support/fake-hub.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const CONTENT = randomBytes(300_000);
const DIGEST = `sha256:${createHash('sha256').update(CONTENT).digest('hex')}`;

const makeFolder = temporaryFolders();
let hub: FakeHub;
let remote: RemoteFile;
let target: string;
beforeEach(async () => {
  hub = await startFakeHub({ 'o/r/model.bin': CONTENT });
  remote = { url: `${hub.url}/store/o/r/model.bin`, bytes: CONTENT.length, digest: DIGEST };
  target = path.join(makeFolder(), 'model.bin');
});
afterEach(() => hub.close());

const partialOf = (file: string) => `${file}.${DIGEST.slice(7, 19)}.partial`;
const failure = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

test('a file arrives whole, with progress, and leaves nothing beside it', async () => {
  const progress: number[] = [];
  await downloadFile(remote, target, { onProgress: (bytes, total) => progress.push(bytes / total) });
  expect(readFileSync(target).equals(CONTENT)).toBe(true);
  expect(progress.at(-1)).toBe(1);
  expect(readdirSync(path.dirname(target))).toEqual(['model.bin']);
});

test('a connection that breaks is made again, for the rest only', async () => {
  hub.fault = { cutAfterBytes: 100_000 };
  await downloadFile(remote, target, { retryDelayMs: 1 });
  expect(readFileSync(target).equals(CONTENT)).toBe(true);
  expect(hub.requests).toHaveLength(3);
  expect(hub.requests[1]).toMatch(/bytes=[1-9]\d*-$/);
});

test('what a killed process has fetched is not fetched again', async () => {
  writeFileSync(partialOf(target), CONTENT.subarray(0, 250_000));
  await downloadFile(remote, target);
  expect(hub.requests).toEqual(['GET /store/o/r/model.bin bytes=250000-']);
  expect(readFileSync(target).equals(CONTENT)).toBe(true);
});

test('a cancelled download leaves its part, and no file', async () => {
  hub.fault = { stallAfterBytes: 50_000 };
  const cancelling = new AbortController();
  const download = downloadFile(remote, target, { signal: cancelling.signal, onProgress: () => cancelling.abort() });
  await expect(download).rejects.toThrow(failure('cancelled', /goes on/));
  expect(existsSync(target)).toBe(false);
  expect(readFileSync(partialOf(target)).length).toBeGreaterThan(0);
});

test('other bytes than promised are refused, with both digests, and thrown away', async () => {
  hub.fault = { wrongBytes: true };
  const download = downloadFile(remote, target);
  await expect(download).rejects.toThrow(failure('weights_corrupt', new RegExp(`expected ${DIGEST}, downloaded sha256:`)));
  expect(readdirSync(path.dirname(target))).toEqual([]);
});

test('a part that is longer than the file is begun anew', async () => {
  writeFileSync(partialOf(target), Buffer.alloc(CONTENT.length + 5));
  await downloadFile(remote, target, { retryDelayMs: 1 });
  expect(readFileSync(target).equals(CONTENT)).toBe(true);
});

test('a server that is not there is given up after some attempts', async () => {
  await hub.close();
  const download = downloadFile(remote, target, { retryDelayMs: 1 });
  await expect(download).rejects.toThrow(failure('download_failed', /ECONNREFUSED/));
});

test('a folder that cannot be written is told as such, with the remedy', async () => {
  const file = path.join(makeFolder(), 'a-file');
  writeFileSync(file, '');
  await expect(downloadFile(remote, path.join(file, 'model.bin'))).rejects.toThrow(
    failure('cache_unwritable', /FLORA_ASR_CACHE/),
  );
});
