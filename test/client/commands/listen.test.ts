import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import wavefile from 'wavefile';
import { eventually, silence, speech, testStreams } from '../../server/stream/serve-streams.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Runs the command as npm does, against a service of the tests. */
function listen(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const command = ['scripts/run.mjs', 'client/commands/listen.ts', ...args];
  const child = spawn(process.execPath, command, { cwd: ROOT, env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  child.stdin.on('error', () => undefined); // it may end before all was written
  return {
    child,
    ended: once(child, 'exit').then(async ([code]) => ({ code: code as number, stdout: await stdout, stderr: await stderr })),
  };
}

function wav(samples: Int16Array, channels = 1): Buffer {
  const file = new wavefile.WaveFile();
  file.fromScratch(channels, 16_000, '16', samples);
  return Buffer.from(file.toBuffer());
}

/** Two utterances. */
const SPOKEN = Int16Array.from([...speech(1.024), ...silence(1.024), ...speech(0.512), ...silence(1.024)]);

describe('the listen command', () => {
  it('prints finals, one a line, of what is piped into it: WAV, in pieces of any size', async () => {
    let spoken = 0;
    const words = ['un sombrero', 'azul'];
    const { url } = await testStreams({ hear: () => words[spoken++] ?? '' });
    const { child, ended } = listen(['--language', 'es', '--server', url, '-']);
    const bytes = wav(SPOKEN);
    for (let at = 0; at < bytes.length; at += 9_999) child.stdin.write(bytes.subarray(at, at + 9_999));
    child.stdin.end();
    expect(await ended).toEqual({ code: 0, stdout: 'un sombrero\nazul\n', stderr: '' });
  });

  it('takes samples without a header, as it is told what they are', async () => {
    const { url, service } = await testStreams();
    const { child, ended } = listen(['--language', 'el', '--server', url, '--json', '--encoding', 'pcm_s16le', '-']);
    child.stdin.end(Buffer.from(SPOKEN.buffer));
    const { code, stdout } = await ended;
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; language?: string });
    expect(events[0]).toMatchObject({ type: 'ready', language: 'el', encoding: 'pcm_s16le' });
    expect(events.filter(({ type }) => type === 'final')).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: 'closed', reason: 'finish', audio: SPOKEN.length / 16_000 });
    expect(service.engine.requests.length).toBeGreaterThanOrEqual(2);
    expect(code).toBe(0);
  });

  it('ends with the words of what was heard, when it is interrupted though nobody ends the pipe', async () => {
    const { url, service } = await testStreams({ hear: () => 'un sombrero' });
    const { child, ended } = listen(['--language', 'es', '--server', url, '-']);
    child.stdin.write(wav(SPOKEN.subarray(0, 32_000)));
    await eventually(() => service.engine.requests.length === 1);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, stdout: 'un sombrero\n' });
  });

  it('shows its key, and says what is wrong with it', async () => {
    const key = 'c'.repeat(32);
    const { url } = await testStreams({ configuration: { apiKeys: [{ name: 'captions', key }] } });
    const known = listen(['--language', 'es', '--server', url, '-'], { FLORA_ASR_KEY: key });
    known.child.stdin.end(wav(SPOKEN));
    expect(await known.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('es ') });
    const unknown = listen(['--language', 'es', '--server', url, '-']);
    unknown.child.stdin.end(wav(SPOKEN));
    expect(await unknown.ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^(key_missing|connection_failed): /),
    });
  });

  it('says which language it does not know, and which file is not there', async () => {
    const { url } = await testStreams();
    const language = listen(['--language', 'tlh', '--server', url, '-']);
    language.child.stdin.end(wav(SPOKEN));
    expect(await language.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^language_unknown: /) });
    const missing = listen(['--language', 'es', '--server', url, path.join(ROOT, 'missing.wav')]);
    expect(await missing.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^file_not_found: /) });
    const compressed = listen(['--language', 'es', '--server', url, '-']);
    compressed.child.stdin.end('OggS and so on, as a container begins');
    expect(await compressed.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^audio_unreadable: .*Pipe WAV/) });
  });

  it('shows its usage', async () => {
    expect(await listen(['--help']).ended).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('--language TAG'),
    });
    expect(await listen(['--langauge', 'es']).ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^argument_invalid: /),
    });
  });
});
