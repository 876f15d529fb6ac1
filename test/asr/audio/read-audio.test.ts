import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_AUDIO_LIMITS } from '../../../asr/audio/limits.ts';
import { readAudio } from '../../../asr/audio/read-audio.ts';
import { waveFile } from './wave-files.ts';

const wave = waveFile([0, 16_384, -16_384], { sampleRateHz: 8_000 });
const audio = { channels: [Float32Array.of(0, 0.5, -0.5)], sampleRateHz: 8_000 };
/** Names no program: whatever needs ffmpeg fails. */
const env = { FLORA_ASR_FFMPEG: '/nowhere/ffmpeg' };

describe('reading audio', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flora-asr-read-'));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it('takes WAV from a file or from memory, by content and not by name, without ffmpeg', async () => {
    const path = join(folder, 'sound.mp3');
    await writeFile(path, wave);
    expect(await readAudio({ path }, { env })).toEqual(audio);
    expect(await readAudio({ bytes: wave }, { env })).toEqual(audio);
  });

  it('says when ffmpeg is needed and missing', async () => {
    const reading = readAudio({ bytes: Buffer.from('ID3 and so on') }, { env });
    await expect(reading).rejects.toMatchObject({ code: 'ffmpeg_missing' });
  });

  it('says when there is no file, when it is a folder, and when it is empty', async () => {
    const missing = join(folder, 'missing.wav');
    await expect(readAudio({ path: missing }, { env })).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(readAudio({ path: join(folder, 'a', 'b') }, { env })).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(readAudio({ path: folder }, { env })).rejects.toMatchObject({ code: 'argument_invalid' });
    const path = join(folder, 'empty.wav');
    await writeFile(path, '');
    await expect(readAudio({ path }, { env })).rejects.toMatchObject({ code: 'audio_empty' });
    await expect(readAudio({ bytes: new Uint8Array(0) }, { env })).rejects.toMatchObject({ code: 'audio_empty' });
  });

  it('checks the size before it reads', async () => {
    const path = join(folder, 'large.wav');
    await writeFile(path, wave);
    const limits = { ...DEFAULT_AUDIO_LIMITS, maxBytes: wave.length };
    for (const source of [{ path }, { bytes: wave }]) {
      expect(await readAudio(source, { env, limits })).toEqual(audio);
      const tight = { ...limits, maxBytes: wave.length - 1 };
      await expect(readAudio(source, { env, limits: tight })).rejects.toMatchObject({ code: 'audio_too_large' });
    }
  });

  it('does not begin when cancelled', async () => {
    const reading = readAudio({ bytes: wave }, { env, signal: AbortSignal.abort() });
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});
