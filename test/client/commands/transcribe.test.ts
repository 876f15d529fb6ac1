import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { httpServers } from '../../support/serve-http.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { createTestService } from '../../support/test-service.ts';
import { wavOf } from '../../support/wav.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const serve = httpServers();
const makeFolder = temporaryFolders();

/** Runs the command as npm does. */
async function transcribe(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = ['scripts/run.mjs', 'client/commands/transcribe.ts', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** A folder of recordings of so many seconds each, by name. */
function recordings(seconds: Readonly<Record<string, number>>): string {
  const folder = makeFolder();
  for (const [name, length] of Object.entries(seconds)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), wavOf(new Float32Array(16_000 * length).fill(0.9)));
  }
  return folder;
}

describe('transcribe by a service', () => {
  it('prints words as it does by itself', async () => {
    const { href: url } = await serve(createTestService());
    const folder = recordings({ 'a.wav': 1, 'b.wav': 2 });
    const [a, b] = [path.join(folder, 'a.wav'), path.join(folder, 'b.wav')];
    expect(await transcribe('--server', url, '--language', 'es', a)).toEqual({ code: 0, stdout: 'es 16000\n', stderr: '' });
    expect(await transcribe('--server', url, '--language', 'es', a, '--language', 'el', b)).toEqual({
      code: 0,
      stdout: `${a}: es 16000\n${b}: el 32000\n`,
      stderr: '',
    });
    const verbose = await transcribe('--server', url, '--language', 'es', '--format', 'verbose_json', a);
    expect(JSON.parse(verbose.stdout)).toMatchObject({ language: 'spanish', segments: [{ text: 'es 16000' }] });
  });

  it('writes a file for each recording of a folder, and on the next run only what is not there', async () => {
    const service = createTestService();
    const { href: url } = await serve(service);
    const folder = recordings({ 'first.wav': 1, 'deeper/second.WAV': 2 });
    writeFileSync(path.join(folder, 'notes.txt'), 'no recording');
    const out = path.join(makeFolder(), 'new');
    const run = () => transcribe('--server', url, '--language', 'es', '--format', 'srt', '--out', out, folder);
    const first = await run();
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout.trimEnd().split('\n').sort()).toEqual([
      path.join(out, 'deeper/second.srt'),
      path.join(out, 'first.srt'),
    ]);
    expect(readFileSync(path.join(out, 'first.srt'), 'utf8')).toMatch(/^1\n00:00:00,000 --> 00:00:01,000\nes 16000\n/);
    expect(readdirSync(out).sort()).toEqual(['deeper', 'first.srt']);
    writeFileSync(path.join(folder, 'third.wav'), wavOf(new Float32Array(16_000).fill(0.9)));
    expect(await run()).toEqual({
      code: 0,
      stdout: `${path.join(out, 'third.srt')}\n`,
      stderr: '2 of 3 were there already.\n',
    });
    expect(await run()).toEqual({ code: 0, stdout: '', stderr: '3 of 3 were there already.\n' });
    expect(service.engine.requests).toHaveLength(3);
  });

  it('reports what the service refuses, and goes on', async () => {
    const { href: url } = await serve(createTestService());
    const folder = recordings({ 'a.wav': 1 });
    writeFileSync(path.join(folder, 'broken.wav'), 'no recording');
    const { code, stdout, stderr } = await transcribe('--server', url, '--language', 'es', folder);
    expect(code).toBe(1);
    expect(stdout).toBe(`${path.join(folder, 'a.wav')}: es 16000\n`);
    expect(stderr).toMatch(/^\S+broken\.wav: audio_unreadable: /);
  });

  it('refuses before anything is done what cannot be meant', async () => {
    const folder = recordings({ 'a.wav': 1, 'deeper/a.wav': 1 });
    const [a, deeper] = [path.join(folder, 'a.wav'), path.join(folder, 'deeper', 'a.wav')];
    const server = ['--server', 'http://127.0.0.1:9', '--language', 'es'];
    expect(await transcribe(...server, '--out', folder, a, deeper)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^argument_invalid: .*would both be written to .*a\.txt/),
    });
    expect(await transcribe(...server, '--format', 'vtt', a, deeper)).toMatchObject({
      code: 2,
      stderr: 'argument_invalid: --format vtt of 2 files wants --out DIR\n',
    });
    expect(await transcribe(...server, makeFolder())).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/has no recording in it/),
    });
  });
});
