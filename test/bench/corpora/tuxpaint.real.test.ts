import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFfmpeg } from '../../../asr/audio/ffmpeg-binary.ts';
import { openTuxpaint, pullTuxpaint } from '../../../bench/corpora/tuxpaint.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/speech/', import.meta.url));

describe('pulling Tux Paint from an unpacked folder', () => {
  let folder: string;
  let cacheDir: string;
  let stamps: string;
  let ffmpegPath: string;
  beforeEach(async () => {
    ffmpegPath = await findFfmpeg(process.env);
    folder = await mkdtemp(join(tmpdir(), 'flora-asr-pull-'));
    cacheDir = join(folder, 'cache');
    stamps = join(folder, 'unpacked', 'usr', 'share', 'tuxpaint', 'stamps');
    await mkdir(join(stamps, 'animals'), { recursive: true });
    const texts = 'A fedora.\nca.utf8=Un cotxe.\nes.utf8=Un sombrero azul.\nfr.utf8=Un.\n';
    for (const picture of ['hat', 'car']) await writeFile(join(stamps, 'animals', `${picture}.txt`), texts);
    await copyFile(join(FIXTURES, 'es-blue-fedora.ogg'), join(stamps, 'animals', 'hat_desc_es.ogg'));
    await copyFile(join(FIXTURES, 'el-indycar.ogg'), join(stamps, 'animals', 'hat_desc_el.ogg'));
    await copyFile(join(FIXTURES, 'ca-sportscar3.ogg'), join(stamps, 'animals', 'car_desc_ca.ogg'));
    await writeFile(join(stamps, 'animals', 'car_desc_fr.ogg'), 'not audio');
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it('decodes what it can, counts what it leaves out, and leaves no other files', async () => {
    const stages: string[] = [];
    const onProgress = (stage: string, done: number, total: number) => stages.push(`${stage} ${done}/${total}`);
    await pullTuxpaint({ cacheDir, ffmpegPath, from: join(folder, 'unpacked'), onProgress });
    const corpus = openTuxpaint(cacheDir);
    expect(stages).toEqual(['decode 3/3']);
    expect(corpus.utterances()).toMatchObject([
      { id: 'tuxpaint/ca/animals/car', language: 'ca', text: 'Un cotxe.', spoken: true },
      { id: 'tuxpaint/es/animals/hat', language: 'es', text: 'Un sombrero azul.', spoken: true },
    ]);
    expect(corpus.leftOut['el']).toEqual({ noText: 1 });
    expect(corpus.leftOut['fr']).toEqual({ undecodable: 1 });
    for (const utterance of corpus.utterances()) {
      const samples = corpus.samples(utterance);
      expect(samples.length).toBe(Math.round(utterance.durationSeconds * 16_000));
      expect(Math.max(...samples)).toBeGreaterThan(0.05);
    }
    expect(await readdir(join(cacheDir, 'corpora'))).toEqual(['tuxpaint']);
  });

  it('leaves what was there before as it was, when it fails or is cancelled', async () => {
    await pullTuxpaint({ cacheDir, ffmpegPath, from: stamps });
    const index = await readFile(join(cacheDir, 'corpora', 'tuxpaint', 'index.json'), 'utf8');
    const failed = pullTuxpaint({ cacheDir, ffmpegPath, from: join(folder, 'nowhere') });
    await expect(failed).rejects.toMatchObject({ code: 'file_not_found' });
    const cancelled = pullTuxpaint({ cacheDir, ffmpegPath, from: stamps, signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(join(cacheDir, 'corpora'))).toEqual(['tuxpaint']);
    expect(await readFile(join(cacheDir, 'corpora', 'tuxpaint', 'index.json'), 'utf8')).toBe(index);
  });
});
