import { describe, expect, it } from 'vitest';
import { JsonLinesProcess } from '../../bench/peers/json-lines-process.ts';

/** Answers `double` with twice `value`, and `fail` with an error; ends on `end`; never answers `wait`. */
const SCRIPT = `
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, command, value } = JSON.parse(line);
  if (command === 'double') console.log(JSON.stringify({ id, result: value * 2 }));
  if (command === 'fail') console.log(JSON.stringify({ id, error: { type: 'ValueError', message: 'too large' } }));
  if (command === 'end') { console.error('out of memory'); process.exit(3); }
});`;

function start(signal?: AbortSignal): JsonLinesProcess {
  return new JsonLinesProcess({ program: process.execPath, args: ['-e', SCRIPT], ...(signal && { signal }) });
}

describe('a process that answers JSON lines', () => {
  it('gives each request its own answer', async () => {
    const child = start();
    const answers = await Promise.all([1, 2, 3].map((value) => child.request('double', { value })));
    expect(answers).toEqual([2, 4, 6]);
    await child.close();
  });

  it('goes on after a request that failed', async () => {
    const child = start();
    const failed = { code: 'tool_failed', message: expect.stringContaining('ValueError: too large') };
    await expect(child.request('fail', {})).rejects.toMatchObject(failed);
    expect(await child.request('double', { value: 4 })).toBe(8);
    await child.close();
  });

  it('fails open and later requests with what it wrote last, if it ends', async () => {
    const child = start();
    const ended = { code: 'tool_failed', message: expect.stringContaining('out of memory') };
    await expect(child.request('end', {})).rejects.toMatchObject(ended);
    await expect(child.request('double', { value: 1 })).rejects.toMatchObject(ended);
    await child.close();
  });

  it('is killed by its signal', async () => {
    const controller = new AbortController();
    const child = start(controller.signal);
    const waiting = child.request('wait', {});
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await child.close();
  });

  it('that is not there fails its requests', async () => {
    const child = new JsonLinesProcess({ program: 'no-such-program-anywhere', args: [] });
    await expect(child.request('double', { value: 1 })).rejects.toMatchObject({ code: 'tool_failed' });
    await child.close();
  });
});
