import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_AUDIO_LIMITS } from '../../../asr/audio/limits.ts';
import { readAudio } from '../../../asr/audio/read-audio.ts';
import { ffmpeg } from './encode.ts';

const ORIGINAL = fileURLToPath(new URL('../../fixtures/speech/be-orange.ogg', import.meta.url));
const { env } = process;

describe('a file that refers to another', () => {
  let folder: string;
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end();
  });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flora-asr-confined-'));
    await ffmpeg('-i', ORIGINAL, '-c:a', 'aac', join(folder, 'secret.ts'));
    await ffmpeg('-i', ORIGINAL, join(folder, 'secret.wav'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it('is refused, and neither file nor address is opened', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret.ts`;
    const playlist = (entry: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n${entry}\n#EXT-X-ENDLIST\n`;
    const attacks = {
      'local.m3u8': playlist(join(folder, 'secret.ts')),
      'near.m3u8': playlist('secret.ts'),
      'address.m3u8': playlist(url),
      'renamed.mp3': playlist('secret.ts'),
      'list.ffconcat': `ffconcat version 1.0\nfile 'secret.wav'\n`,
      'list.txt': `ffconcat version 1.0\nfile '${join(folder, 'secret.wav')}'\n`,
      'stream.sdp': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n`,
      'dash.mpd': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${url}</BaseURL></MPD>`,
    };
    for (const [name, text] of Object.entries(attacks)) {
      const path = join(folder, name);
      await writeFile(path, text);
      for (const source of [{ path }, { bytes: Buffer.from(text) }]) {
        await expect(readAudio(source, { env }), name).rejects.toMatchObject({ code: 'audio_unreadable' });
      }
    }
    expect(requests).toEqual([]);
  });
});

// a shell script stands for an ffmpeg that hangs
describe.skipIf(process.platform === 'win32')('an ffmpeg that does not end', () => {
  let folder: string;
  let hanging: NodeJS.ProcessEnv;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flora-asr-hanging-'));
    const script = join(folder, 'ffmpeg');
    const capabilities = 'case "$1" in -formats) echo " DE au x"; exit;; -encoders) exit;; esac';
    await writeFile(script, `#!/bin/sh\n${capabilities}\necho $$ > ${join(folder, 'pid')}\nexec sleep 600\n`);
    await chmod(script, 0o755);
    hanging = { FLORA_ASR_FFMPEG: script };
  });
  afterAll(async () => rm(folder, { recursive: true }));

  async function runs(): Promise<boolean> {
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'));
    if (pid === 0) return false;
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  it('is killed after its time', async () => {
    const limits = { ...DEFAULT_AUDIO_LIMITS, timeoutMs: 300 };
    const reading = readAudio({ path: ORIGINAL }, { env: hanging, limits });
    await expect(reading).rejects.toMatchObject({ code: 'ffmpeg_timeout', retryable: true });
    await expect.poll(runs).toBe(false);
  });

  it('is killed when the reading is cancelled', async () => {
    await rm(join(folder, 'pid'), { force: true });
    const controller = new AbortController();
    const reading = readAudio({ path: ORIGINAL }, { env: hanging, signal: controller.signal });
    const refused = expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(runs, { timeout: 10_000 }).toBe(true);
    controller.abort();
    await refused;
    await expect.poll(runs).toBe(false);
  });
});
