import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FEDORA = 'test/fixtures/speech/es-blue-fedora.ogg';

/** The command as npm runs it. `closed` waits for the service that it starts, too, which has its standard error. */
function listen(...args: string[]) {
  const command = ['scripts/run.mjs', 'client/commands/listen.ts', '--language', 'es', '--json', ...args];
  // settings of a service for others, which this one must not take
  const env = { ...process.env, API_KEYS: `captions:${'k'.repeat(24)}`, PORT: '1', LOG_LEVEL: 'fatal' };
  const child = spawn(process.execPath, command, { cwd: ROOT, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stderr.resume();
  const events: { readonly type: string; readonly text?: string }[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => events.push(JSON.parse(line) as { readonly type: string }));
  return { child, lines, events, closed: once(child, 'close') as Promise<[number | null]> };
}

describe('listen without a service', () => {
  it('starts one for itself, prints what it hears, and leaves nothing behind', async () => {
    const { events, closed } = listen(FEDORA);
    const [code] = await closed;
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe('ready');
    expect(events[types.indexOf('final')]?.text).toMatch(/^un sombrero azul\.?$/i);
    expect(types.at(-1)).toBe('closed');
    expect(code).toBe(0);
  });

  it('takes it along even when it is killed', async () => {
    const { child, lines, closed } = listen('-');
    child.stdin.write(new Uint8Array(32_000));
    await once(lines, 'line'); // ready
    child.kill('SIGKILL');
    expect((await closed)[0]).toBeNull();
  });
});
