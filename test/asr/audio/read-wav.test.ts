import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { readWav } from '../../../asr/audio/read-wav.ts';
import { largestDifference, sine } from './signals.ts';
import { chunk, chunkAt, joined, patched, waveFile } from './wave-files.ts';

const LIMIT = { maxDurationMs: 60_000 };
const wanted = sine(440, { rate: 16_000, length: 1_000, amplitude: 0.9 });
const speech = wanted.map((sample) => Math.round(sample * 32_767));

async function channelOf(file: Uint8Array): Promise<Float32Array> {
  const audio = await readWav(file, LIMIT);
  return audio?.channels[0] ?? new Float32Array(0);
}

describe('reading WAV', () => {
  it.each([
    ['8', (x: number) => Math.round(x * 127) + 128, 1 / 64],
    ['16', (x: number) => Math.round(x * 32_767), 1e-4],
    ['24', (x: number) => Math.round(x * 8_388_607), 1e-6],
    ['32', (x: number) => Math.round(x * 2_147_483_647), 1e-6],
    ['32f', (x: number) => x, 0],
    ['64', (x: number) => x, 0],
  ])('takes samples of depth %s, little- and big-endian', async (depth, stored, tolerance) => {
    for (const container of ['RIFF', 'RIFX']) {
      const file = waveFile(Array.from(wanted, stored), { depth, container });
      expect(largestDifference(await channelOf(file), wanted), container).toBeLessThanOrEqual(tolerance);
    }
  });

  it('expands A-law and µ-law', async () => {
    for (const container of ['RIFF', 'RIFX']) {
      for (const compand of ['toALaw', 'toMuLaw'] as const) {
        const wave = new wavefile.WaveFile(waveFile(speech, { sampleRateHz: 8_000, container }));
        wave[compand]();
        const audio = await readWav(wave.toBuffer(), LIMIT);
        expect(audio?.sampleRateHz).toBe(8_000);
        // 13 bits at best, and steps of a thirty-second of the level
        expect(largestDifference(audio?.channels[0] ?? [], wanted), compand).toBeLessThan(0.9 / 32);
      }
    }
  });

  it('keeps channels apart, however many, across blocks', async () => {
    for (const channels of [2, 6, 31]) {
      const frames = 70_000;
      const samples = Int16Array.from(
        { length: frames * channels },
        (_, index) => 1_000 * (index % channels) + (Math.floor(index / channels) % 7),
      );
      const audio = await readWav(waveFile(samples, { channels }), LIMIT);
      expect(audio?.channels).toHaveLength(channels);
      for (const [index, channel] of audio?.channels.entries() ?? []) {
        expect(channel.length).toBe(frames);
        expect(channel[frames - 1]).toBe((1_000 * index + ((frames - 1) % 7)) / 32_768);
      }
    }
  });

  it('takes floats in the extensible format, as editors write them', async () => {
    const extensible = new Uint8Array(40);
    const view = new DataView(extensible.buffer);
    for (const [at, value] of [
      [0, 0xfffe],
      [2, 1],
      [12, 4],
      [14, 32],
      [16, 22],
      [18, 32],
      [24, 3],
    ] as const)
      view.setUint16(at, value, true);
    view.setUint32(4, 48_000, true);
    const body = joined(chunk('fmt ', extensible), chunk('data', new Uint8Array(wanted.buffer)));
    const file = joined(Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), body);
    expect(await readWav(file, LIMIT)).toEqual({ channels: [wanted], sampleRateHz: 48_000 });
  });

  it.each([1_000, 11_025, 768_000])('takes a rate of %i Hz as it is', async (sampleRateHz) => {
    expect((await readWav(waveFile(speech, { sampleRateHz }), LIMIT))?.sampleRateHz).toBe(sampleRateHz);
  });

  it('refuses rates and channel counts that nothing has', async () => {
    const file = waveFile(speech);
    const fmt = chunkAt(file, 'fmt ') + 8;
    for (const wrong of [patched(file, fmt + 4, 0), patched(file, fmt + 4, 4_000_000_000), patched(file, fmt, 1)]) {
      await expect(readWav(wrong, LIMIT)).rejects.toMatchObject({ code: 'audio_unreadable' });
    }
  });

  it('leaves encodings that it does not know to ffmpeg', async () => {
    const wave = new wavefile.WaveFile(waveFile(speech, { sampleRateHz: 8_000 }));
    wave.toIMAADPCM();
    expect(await readWav(wave.toBuffer(), LIMIT)).toBeNull();
  });
});

describe('WAV files with sizes that are not theirs', () => {
  const file = waveFile(speech);
  const dataSize = chunkAt(file, 'data') + 4;

  it('are refused when the samples end early', async () => {
    for (const cut of [1, 2, 1_000, 1_999]) {
      await expect(readWav(file.subarray(0, file.length - cut), LIMIT)).rejects.toMatchObject({ code: 'audio_truncated' });
    }
  });

  it('are refused when they end before the samples', async () => {
    await expect(readWav(file.subarray(0, 30), LIMIT)).rejects.toMatchObject({ code: 'audio_truncated' });
    await expect(readWav(file.subarray(0, 12), LIMIT)).rejects.toMatchObject({ code: 'audio_unreadable' });
  });

  it.each([0, 0xffff_ffff, 0x7fff_f000, 0x8000_0000])(
    'are read to their end when written into a pipe, with size %i',
    async (size) => {
      const channel = await channelOf(patched(file, dataSize, size));
      expect(channel).toHaveLength(speech.length);
      expect(largestDifference(channel, wanted)).toBeLessThan(1e-4);
    },
  );

  it('are empty when they have no samples, even with another chunk behind', async () => {
    const empty = patched(file.subarray(0, dataSize + 4), dataSize, 0);
    const tagged = joined(empty, chunk('LIST', Buffer.from('INFOISFT\x04\0\0\0Lavf', 'latin1')));
    for (const wrong of [empty, tagged]) {
      await expect(readWav(wrong, LIMIT)).rejects.toMatchObject({ code: 'audio_empty' });
    }
  });

  it('are read whatever the size in their first header', async () => {
    for (const size of [0, 4, 0xffff_ffff]) expect(await channelOf(patched(file, 4, size))).toHaveLength(speech.length);
  });

  it('are read past chunks of odd size and behind the samples', async () => {
    const odd = joined(
      file.subarray(0, 12),
      chunk('LIST', new Uint8Array(7)),
      file.subarray(12),
      chunk('id3 ', new Uint8Array(5)),
    );
    expect(await channelOf(odd)).toHaveLength(speech.length);
  });

  it('have 64-bit sizes in RF64', async () => {
    const ds64 = Buffer.alloc(28);
    ds64.writeBigUInt64LE(BigInt(2 * speech.length), 8);
    const long = (body: Uint8Array) => joined(Buffer.from('RF64\xff\xff\xff\xffWAVE', 'latin1'), chunk('ds64', ds64), body);
    const whole = long(patched(file, dataSize, 0xffff_ffff).subarray(12));
    expect(await channelOf(joined(whole, chunk('LIST', new Uint8Array(6))))).toHaveLength(speech.length);
    await expect(readWav(whole.subarray(0, -2), LIMIT)).rejects.toMatchObject({ code: 'audio_truncated' });
  });

  it('cannot make it count four billion cue points', async () => {
    const cue = chunk('cue ', Uint8Array.of(255, 255, 255, 255));
    expect(await channelOf(joined(file, cue))).toHaveLength(speech.length);
  });
});

describe('what WAV files may hold', () => {
  it('is no sample that is not a number', async () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
      const depth = wrong === 1e300 ? '64' : '32f';
      await expect(readWav(waveFile([0, wrong, 0], { depth }), LIMIT)).rejects.toMatchObject({ code: 'audio_not_finite' });
    }
  });

  it('is no more than the limit', async () => {
    const limit = { maxDurationMs: 62.5 };
    expect(await readWav(waveFile(speech), limit)).not.toBeNull();
    await expect(readWav(waveFile([...speech, 0]), limit)).rejects.toMatchObject({ code: 'audio_too_long' });
  });

  it('is not read on when cancelled', async () => {
    const reading = readWav(waveFile(speech), { ...LIMIT, signal: AbortSignal.abort() });
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});
