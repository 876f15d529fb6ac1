import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseProvider } from '../../kernels/choose-provider.ts';

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'flora-asr-provider-'));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

describe('chooseProvider', () => {
  it('takes the CPU when it is named', async () => {
    expect(await chooseProvider('cpu', cacheDir)).toEqual({ provider: 'cpu', reason: 'chosen' });
  });

  it('finds something that works, and says why, when left to choose', async () => {
    const { provider, reason } = await chooseProvider('auto', cacheDir);
    expect(['cpu', 'cuda', 'webgpu']).toContain(provider);
    expect(reason).not.toBe('');
  });

  it('either uses a named CUDA or says what to install', async () => {
    const chosen = await chooseProvider('cuda', cacheDir).catch((error: unknown) => error);
    if (chosen instanceof Error) {
      expect(chosen).toMatchObject({ code: 'provider_unavailable', message: expect.stringMatching(/CUDA 12 and cuDNN 9/) });
    } else {
      expect(chosen).toEqual({ provider: 'cuda', reason: 'chosen' });
    }
  });
});
