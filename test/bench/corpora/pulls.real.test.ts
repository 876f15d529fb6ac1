import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFfmpeg } from '../../../asr/audio/ffmpeg-binary.ts';
import { runProgram } from '../../../asr/process/run-program.ts';
import { pullAsterisk } from '../../../bench/corpora/asterisk.ts';
import { pullFestvoxRu } from '../../../bench/corpora/festvox-ru.ts';

let folder: string;
let from: string;
let cacheDir: string;
let ffmpegPath: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flora-asr-pulls-'));
  from = join(folder, 'unpacked');
  cacheDir = join(folder, 'cache');
  ffmpegPath = await findFfmpeg(process.env);
});
afterEach(async () => rm(folder, { recursive: true }));

/** Below the unpacked packages; its extension tells the format. */
async function tone(path: string, seconds: number): Promise<void> {
  const file = join(from, path);
  await mkdir(dirname(file), { recursive: true });
  const input = ['-f', 'lavfi', '-i', `sine=duration=${seconds}:sample_rate=16000`];
  await runProgram(ffmpegPath, ['-v', 'error', ...input, file]);
}

async function text(path: string, content: string): Promise<void> {
  const file = join(from, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

describe('pulling from an unpacked folder', () => {
  it('Asterisk gives its prompts of 0.7 to 15 s, half of them test, and counts the others', async () => {
    const voice = 'usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU';
    await tone(`${voice}/vm-intro.g722`, 2);
    await tone(`${voice}/vm-and.g722`, 0.4);
    await tone(`${voice}/demo-instruct.g722`, 16);
    await tone(`${voice}/beep.g722`, 1);
    await tone(`${voice}/unlisted.g722`, 1);
    const list = 'vm-intro: Оставьте сообщение.\nvm-and: и\ndemo-instruct: Если вы.\nbeep: [beep]\n';
    await text('usr/share/doc/asterisk-core-sounds-ru/core-sounds-ru.txt', list);
    const corpus = await pullAsterisk({ cacheDir, ffmpegPath, from });
    expect(corpus.languages).toEqual(['ru']);
    expect(corpus.utterances()).toMatchObject([
      {
        id: 'asterisk/ru/vm-intro',
        text: 'Оставьте сообщение.',
        split: 'dev',
        speaker: 'ru_RU_f_IvrvoiceRU',
        durationSeconds: 2,
      },
    ]);
    expect(corpus.leftOut).toEqual({ ru: { tooShort: 1, tooLong: 1, notSpeech: 1, noText: 1 } });
    expect(await readdir(join(cacheDir, 'corpora'))).toEqual(['asterisk-2']);
  });

  it('festvox-ru gives its sentences, by one reader', async () => {
    const voice = 'usr/share/festival/voices/russian/msu_ru_nsh_clunits';
    await tone(`${voice}/wav/ru_0001.wav`, 1);
    await text(`${voice}/etc/txt.done.data`, '( ru_0001 "Прядь вол+ос." )\n( ru_0002 "Нет записи." )\n');
    const corpus = await pullFestvoxRu({ cacheDir, ffmpegPath, from });
    expect(corpus.utterances()).toMatchObject([{ id: 'festvox-ru/ru/ru_0001', text: 'Прядь волос.', language: 'ru' }]);
    expect(corpus.leftOut).toEqual({ ru: { undecodable: 1 } });
  });

  it('says what is expected where there is nothing of the kind', async () => {
    await mkdir(from);
    const asterisk = pullAsterisk({ cacheDir, ffmpegPath, from });
    await expect(asterisk).rejects.toMatchObject({ code: 'file_not_found', message: expect.stringContaining('*.g722') });
    const festvox = pullFestvoxRu({ cacheDir, ffmpegPath, from });
    await expect(festvox).rejects.toMatchObject({ code: 'file_not_found', message: expect.stringContaining('txt.done.data') });
    expect(await readdir(join(cacheDir, 'corpora'))).toEqual([]);
  });
});
