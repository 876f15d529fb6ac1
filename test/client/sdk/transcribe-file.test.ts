import { describe, expect, it } from 'vitest';
import { transcribeFile } from '../../../client/sdk/transcribe-file.ts';
import { httpServers } from '../../support/serve-http.ts';
import { createTestService } from '../../support/test-service.ts';
import { wavOf } from '../../support/wav.ts';

const serve = httpServers();
const RECORDING = new Uint8Array(wavOf(new Float32Array(16_000).fill(0.9)));

describe('transcribeFile', () => {
  it('gives the words of a recording, in the form that is asked for', async () => {
    const { href: url } = await serve(createTestService({ hear: () => 'un sombrero' }));
    const file = { url, file: RECORDING, language: 'es' };
    expect((await transcribeFile(file)).text).toBe('un sombrero');
    const verbose = await transcribeFile({ ...file, response_format: 'verbose_json', timestamp_granularities: ['segment'] });
    expect(verbose.segments).toEqual([expect.objectContaining({ text: 'un sombrero', start: 0, end: 1 })]);
    expect(await transcribeFile({ ...file, file: new Blob([RECORDING]), response_format: 'text' })).toBe('un sombrero');
    expect(await transcribeFile({ ...file, response_format: 'srt' })).toMatch(/^1\n00:00:00,000 --> 00:00:01,000\nun sombrero/);
  });

  it('sends lists and objects as the service takes them', async () => {
    const service = createTestService({ hear: () => 'un sombrero' });
    const { href: url } = await serve(service);
    const pause = { type: 'server_vad', silence_duration_ms: 200, prefix_padding_ms: 0, threshold: 0.5 } as const;
    await transcribeFile({ url, file: RECORDING, language: 'es', keywords: ['sombrero', 'azul'], chunking_strategy: pause });
    expect(service.engine.requests).toEqual([expect.objectContaining({ hotWords: ['sombrero', 'azul'] })]);
  });

  it('fails with the code of the service, or of the network', async () => {
    const { href: url } = await serve(
      createTestService({ configuration: { apiKeys: [{ name: 'captions', key: 'c'.repeat(32) }] } }),
    );
    const file = { url, file: RECORDING, language: 'es' };
    await expect(transcribeFile(file)).rejects.toMatchObject({ code: 'key_missing', retryable: false });
    const apiKey = 'c'.repeat(32);
    await expect(transcribeFile({ ...file, apiKey, file: Uint8Array.of(1, 2, 3) })).rejects.toMatchObject({
      code: 'audio_unreadable',
    });
    await expect(transcribeFile({ ...file, apiKey, language: 'tlh' })).rejects.toMatchObject({
      code: 'language_unknown',
      param: 'language',
    });
    await expect(transcribeFile({ ...file, url: 'http://127.0.0.1:9' })).rejects.toMatchObject({ code: 'connection_failed' });
    await expect(transcribeFile({ ...file, apiKey, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
