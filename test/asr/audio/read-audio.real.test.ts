import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mixDown } from '../../../asr/audio/channels.ts';
import { DEFAULT_AUDIO_LIMITS } from '../../../asr/audio/limits.ts';
import { readAudio } from '../../../asr/audio/read-audio.ts';
import { speechSignals } from '../../../asr/audio/speech-signals.ts';
import { ffmpeg } from './encode.ts';
import { rms } from './signals.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/speech/', import.meta.url));
const ORIGINAL = `${FIXTURES}fr-butterflyfish.ogg`;
const { env } = process;

let folder: string;
/** the fixture as 16-bit WAV at 44.1 kHz, from which the rest is made */
let wavePath: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flora-asr-real-'));
  wavePath = join(folder, 'original.wav');
  await ffmpeg('-i', ORIGINAL, '-c:a', 'pcm_s16le', wavePath);
});
afterAll(async () => rm(folder, { recursive: true }));

/** Encodes the fixture, and returns the file. */
async function encoded(name: string, ...options: readonly string[]): Promise<string> {
  await ffmpeg('-i', wavePath, ...options, join(folder, name));
  return join(folder, name);
}

async function speechOf(path: string): Promise<Float32Array> {
  const [signal = new Float32Array(0)] = await speechSignals(await readAudio({ path }, { env }), 'mix');
  return signal;
}

/** The largest normalised correlation of two signals, over shifts of up to 60 ms: codecs delay. */
function likeness(left: Float32Array, right: Float32Array): number {
  let best = 0;
  for (let shift = -960; shift <= 960; shift += 1) {
    let [product, leftPower, rightPower] = [0, 1e-12, 1e-12];
    for (let index = Math.max(0, -shift); index < Math.min(left.length, right.length - shift); index += 1) {
      const [a, b] = [left[index] as number, right[index + shift] as number];
      product += a * b;
      leftPower += a * a;
      rightPower += b * b;
    }
    best = Math.max(best, product / Math.sqrt(leftPower * rightPower));
  }
  return best;
}

describe('reading what ffmpeg reads', () => {
  it('decodes every fixture, from its path and from memory alike', async () => {
    for (const name of (await readdir(FIXTURES)).filter((file) => file.endsWith('.ogg'))) {
      const fromPath = await readAudio({ path: FIXTURES + name }, { env });
      const fromMemory = await readAudio({ bytes: await readFile(FIXTURES + name) }, { env });
      expect(fromMemory, name).toEqual(fromPath);
      const mixed = mixDown(fromPath.channels);
      expect(mixed.length / 16_000, name).toBeGreaterThan(1);
      expect(rms(mixed), name).toBeGreaterThan(0.005);
    }
  });

  it.each([
    ['mp3', ['-c:a', 'libmp3lame'], 0.97],
    ['flac', ['-c:a', 'flac'], 0.9999],
    ['m4a', ['-c:a', 'aac'], 0.97],
    ['webm', ['-c:a', 'libopus'], 0.97],
    ['opus', ['-c:a', 'libopus'], 0.97],
    ['aac', ['-c:a', 'aac'], 0.97],
    ['caf', ['-c:a', 'pcm_s16le'], 0.9999],
    ['aiff', ['-c:a', 'pcm_s16be'], 0.9999],
    ['mkv', ['-c:a', 'aac'], 0.97],
    ['adpcm.wav', ['-c:a', 'adpcm_ima_wav'], 0.97],
  ])('decodes %s', async (extension, options, least) => {
    const path = await encoded(`sound.${extension}`, ...options);
    const [signal, original] = [await speechOf(path), await speechOf(wavePath)];
    expect(Math.abs(signal.length - original.length)).toBeLessThan(0.1 * 16_000);
    expect(likeness(signal, original)).toBeGreaterThan(least);
    const fromMemory = await readAudio({ bytes: await readFile(path) }, { env });
    expect(fromMemory).toEqual(await readAudio({ path }, { env }));
  });

  it('gives FLAC at 16 kHz and WAV the same samples, bitwise, and ffmpeg and we expand G.711 alike', async () => {
    const rate = ['-ar', '16000'];
    const wave = await readAudio({ path: await encoded('16k.wav', ...rate) }, { env });
    expect(await readAudio({ path: await encoded('16k.flac', ...rate) }, { env })).toEqual(wave);
    for (const law of ['pcm_alaw', 'pcm_mulaw']) {
      const ours = await readAudio({ path: await encoded(`${law}.wav`, ...rate, '-c:a', law) }, { env });
      const theirs = await readAudio({ path: await encoded(`${law}.au`, ...rate, '-c:a', law) }, { env });
      expect(ours, law).toEqual(theirs);
    }
  });

  it('resamples speech as ffmpeg does, within −60 dB of its level', async () => {
    const ours = await speechOf(wavePath);
    const theirs = await speechOf(await encoded('44k.flac'));
    const length = Math.min(ours.length, theirs.length);
    expect(Math.abs(ours.length - theirs.length)).toBeLessThan(20);
    const difference = Float32Array.from({ length }, (_, index) => (ours[index] as number) - (theirs[index] as number));
    const decibels = 20 * Math.log10(rms(difference) / rms(ours));
    expect(decibels).toBeLessThan(-60);
  });

  it('keeps channels apart', async () => {
    const filter = 'aevalsrc=0.5*sin(440*2*PI*t)|0.25*sin(880*2*PI*t)|0.125:s=16000:d=0.5';
    const path = join(folder, 'three.flac');
    await ffmpeg('-f', 'lavfi', '-i', filter, path);
    const { channels } = await readAudio({ path }, { env });
    expect(channels).toHaveLength(3);
    expect(channels.map((channel) => rms(channel.subarray(0, 8_000)).toFixed(2))).toEqual(['0.35', '0.18', '0.13']);
  });

  it('goes by the content, whatever the name says, and takes odd names', async () => {
    const mp3 = await readFile(await encoded('named.mp3'));
    const expected = await readAudio({ bytes: mp3 }, { env });
    for (const name of ['named.wav', 'named.txt', '-i.mp3', 'http:%d?*[x].mp3', 'it\'s; $(x) "ж".mp3']) {
      await writeFile(join(folder, name), mp3);
      expect(await readAudio({ path: join(folder, name) }, { env }), name).toEqual(expected);
    }
  });

  it('reads a WAV file that was written into a pipe', async () => {
    const path = join(folder, 'piped.wav');
    const bytes = Buffer.from(await readFile(wavePath));
    bytes.writeUInt32LE(0xffff_ffff, 4);
    bytes.writeUInt32LE(0xffff_ffff, bytes.indexOf('data', 12, 'latin1') + 4);
    await writeFile(path, bytes);
    expect((await speechOf(path)).length).toBe((await speechOf(wavePath)).length);
  });

  it('takes the first audio stream of a film, and says when there is none', async () => {
    const film = join(folder, 'film.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc=d=3', '-i', wavePath, '-c:a', 'aac', film);
    // the picture lasts longer than the sound: nothing is missing
    expect(likeness(await speechOf(film), await speechOf(wavePath))).toBeGreaterThan(0.97);
    await ffmpeg('-i', film, '-an', join(folder, 'mute.mp4'));
    await expect(speechOf(join(folder, 'mute.mp4'))).rejects.toMatchObject({ code: 'audio_empty' });
  });
});

describe('what is no complete audio', () => {
  it('is refused with what ffmpeg says, without paths', async () => {
    const path = join(folder, 'text.mp3');
    await writeFile(path, 'This is a text, and no audio at all.\n'.repeat(100));
    const error = await readAudio({ path }, { env }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'audio_unreadable', message: expect.stringContaining('Invalid data') });
    expect(String(error)).not.toContain(folder);
  });

  it('is refused as truncated where the file tells', async () => {
    const cuts = {
      ogg: ORIGINAL,
      flac: await encoded('cut.flac'),
      mp3: await encoded('cut.mp3'),
      webm: await encoded('cut.webm'),
    };
    const front = await encoded('front.m4a', '-c:a', 'aac', '-movflags', 'faststart');
    for (const [kind, path] of Object.entries({ ...cuts, m4a: front })) {
      const bytes = await readFile(path);
      for (const share of [0.5, 0.7]) {
        const reading = readAudio({ bytes: bytes.subarray(0, Math.floor(bytes.length * share)) }, { env });
        await expect(reading, `${kind} ${share}`).rejects.toMatchObject({ code: 'audio_truncated' });
      }
    }
  });

  it('is refused when it has a header and no samples', async () => {
    const path = join(folder, 'nothing.flac');
    await ffmpeg('-f', 'lavfi', '-i', 'anullsrc=r=16000', '-t', '0', path);
    await expect(readAudio({ path }, { env })).rejects.toMatchObject({ code: 'audio_empty' });
  });

  it('is refused when it is longer than the limit, however small the file', async () => {
    const path = join(folder, 'hours.flac');
    await ffmpeg('-f', 'lavfi', '-i', 'anullsrc=r=16000:cl=mono', '-t', '3600', path);
    const limits = { ...DEFAULT_AUDIO_LIMITS, maxDurationMs: 10_000 };
    await expect(readAudio({ path }, { env, limits })).rejects.toMatchObject({ code: 'audio_too_long' });
  });

  it('is refused when its samples are not numbers', async () => {
    const path = join(folder, 'nan.caf');
    await ffmpeg('-f', 'lavfi', '-i', 'aevalsrc=0/0:s=16000:d=0.1', '-c:a', 'pcm_f32le', path);
    await expect(readAudio({ path }, { env })).rejects.toMatchObject({ code: 'audio_not_finite' });
  });
});
