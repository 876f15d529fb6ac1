import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseComputeType } from '../../../asr/engine/compute-type.ts';
import { int8ProductIsExact } from '../../../kernels/int8-exactness.ts';

describe('chooseComputeType', () => {
  let cacheDir: string;
  let exact: boolean;
  beforeAll(async () => {
    cacheDir = await mkdtemp(path.join(tmpdir(), 'flora-asr-compute-'));
    exact = await int8ProductIsExact(cacheDir, 'cpu');
  });
  afterAll(async () => rm(cacheDir, { recursive: true }));

  it('takes fp32 when it is chosen', async () => {
    expect(await chooseComputeType('fp32', { cacheDir, provider: 'cpu' })).toMatchObject({
      precision: 'fp32',
      reason: 'chosen',
    });
  });

  it('takes int8 by itself only where this CPU multiplies it exactly', async () => {
    const { precision } = await chooseComputeType('auto', { cacheDir, provider: 'cpu' });
    expect(precision).toBe(exact ? 'int8' : 'fp32');
  });

  it('takes int8 when it is chosen, with u8 weights where this CPU saturates on s8', async () => {
    const chosen = await chooseComputeType('int8', { cacheDir, provider: 'cpu' });
    expect(chosen).toMatchObject({ precision: 'int8', int8Weights: exact ? 's8' : 'u8' });
    expect(chosen.reason).toMatch(exact ? /^chosen$/ : /u8 weights/);
  });

  it('takes fp32 on a GPU by itself', async () => {
    expect(await chooseComputeType('auto', { cacheDir, provider: 'webgpu' })).toMatchObject({ precision: 'fp32' });
  });
});
