import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const BIN = path.resolve('bin/flora-asr.mjs');

function floraAsr(...args: readonly string[]) {
  return spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', cwd: path.parse(BIN).root });
}

test('without a command, and with --help, it lists the commands', () => {
  const help = floraAsr('--help');
  expect(help.status).toBe(0);
  for (const command of ['serve', 'transcribe', 'models']) expect(help.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  expect(floraAsr()).toMatchObject({ status: 2, stdout: help.stdout });
});

test('an unknown command is refused, with those there are', () => {
  const refused = floraAsr('toString');
  expect(refused).toMatchObject({ status: 2, stdout: '' });
  expect(refused.stderr).toMatch(/toString; serve, listen, transcribe, models are/);
});

test('a command gets its arguments and gives its exit code, from any folder', () => {
  expect(floraAsr('transcribe', '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--language TAG') });
  expect(floraAsr('transcribe')).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no file') });
});
