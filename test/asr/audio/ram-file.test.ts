import { readdir, readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { withRamFile } from '../../../asr/audio/ram-file.ts';

const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);

describe('a file in memory', () => {
  it('has the bytes, and can be read by this user only', async () => {
    await withRamFile(bytes, async (file) => {
      expect(Buffer.compare(await readFile(file), bytes)).toBe(0);
      expect((await stat(file)).mode & 0o077).toBe(0);
    });
  });

  it.runIf(process.platform === 'linux')('has no name on Linux, even while it is used', async () => {
    const named = async () => (await readdir('/dev/shm')).filter((name) => name.startsWith('flora-asr-'));
    await withRamFile(bytes, async (file) => {
      expect((await stat(file)).nlink).toBe(0);
    });
    expect(await named()).toEqual([]);
  });

  it('is gone afterwards, and when its use fails', async () => {
    const file = await withRamFile(bytes, async (lent) => lent);
    await expect(readFile(file)).rejects.toThrow();
    const failing = withRamFile(bytes, async () => Promise.reject(new Error('no use')));
    await expect(failing).rejects.toThrow('no use');
  });
});
