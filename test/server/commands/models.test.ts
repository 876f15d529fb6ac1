import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = temporaryFolders();

/** Runs the command as npm does, with a cache of its own and no source but those given. */
function models(args: readonly string[], cacheDir: string, sources = 'none') {
  const env = {
    ...process.env,
    FLORA_ASR_CACHE: cacheDir,
    FLORA_ASR_WEIGHT_SOURCES: sources,
    HF_ENDPOINT: 'http://127.0.0.1:9',
  };
  return spawnSync(process.execPath, ['--import', 'tsx', 'server/commands/models.ts', ...args], { env, encoding: 'utf8' });
}

test('a wrong argument ends with 2, and says what would be right', () => {
  expect(models(['pull', 'whisper-huge'], makeFolder())).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^argument_invalid: "whisper-huge" is no model .*whisper-base/),
  });
  expect(models(['list', '--jsn'], makeFolder())).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^argument_invalid: /),
  });
});

test('a pull that fails ends with 1, and tells where it tried', () => {
  expect(models(['pull', 'whisper-tiny'], makeFolder(), 'hub')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^Not from the Hugging Face hub: 127\.0\.0\.1:9 cannot be reached.*\ndownload_failed: whisper-tiny/,
    ),
  });
});

test('models that are here are listed, and verified by their digest', () => {
  const cacheDir = makeFolder();
  const folder = path.join(cacheDir, 'models', 'whisper-base');
  mkdirSync(folder, { recursive: true });
  for (const name of ['model.bin', 'config.json', 'tokenizer.json']) writeFileSync(path.join(folder, name), '{}');
  const listed = models(['list', '--json'], cacheDir);
  expect(listed.status).toBe(0);
  expect(JSON.parse(listed.stdout)).toContainEqual(expect.objectContaining({ name: 'whisper-base', here: true, folder }));
  expect(models(['verify'], cacheDir)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^weights_corrupt: .*model\.bin: expected sha256:d01c3014.*found sha256:/),
  });
  expect(models(['verify', 'whisper-tiny'], cacheDir)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^weights_not_found/),
  });
});
