import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { int8ProductIsExact } from '../../kernels/int8-exactness.ts';

it('finds the int8 product exact on a CPU whose flags name VNNI', async () => {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'flora-asr-int8-'));
  try {
    const exact = await int8ProductIsExact(cacheDir, 'cpu');
    const vnni = process.platform === 'linux' && /avx512_vnni|avx_vnni/.test(readFileSync('/proc/cpuinfo', 'utf8'));
    if (vnni) expect(exact).toBe(true);
    expect(typeof exact).toBe('boolean');
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
});
