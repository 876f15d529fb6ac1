import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { readWav, readWavHeader } from '../../../client/sdk/wav.ts';

const SAMPLES = [0, 8_192, -16_384, 32_767];

function wave(bits: string, samples: readonly number[] = SAMPLES, channels = 1): Uint8Array {
  const file = new wavefile.WaveFile();
  file.fromScratch(channels, 8_000, '16', Int16Array.from(samples));
  if (bits === 'mulaw') file.toMuLaw();
  else if (bits === 'alaw') file.toALaw();
  else if (bits !== '16') file.toBitDepth(bits);
  return file.toBuffer();
}

describe('readWav', () => {
  it.each(['pcm_s16le', 'mulaw', 'alaw'] as const)(
    'gives samples of %s as they are, and how to start a stream for them',
    (encoding) => {
      const file = wave(encoding === 'pcm_s16le' ? '16' : encoding);
      const { settings, audio } = readWav(file);
      expect(settings).toEqual({ encoding, sample_rate: 8_000, channels: 1 });
      expect(audio).toEqual(new Uint8Array(file.subarray(-audio.length)));
      expect(audio).toHaveLength(encoding === 'pcm_s16le' ? 8 : 4);
    },
  );

  it.each(['8', '24', '32', '32f', '64'])('makes floats of samples of %s bits', (bits) => {
    const { settings, audio } = readWav(wave(bits));
    expect(settings.encoding).toBe('pcm_f32le');
    const heard = [...new Float32Array(audio.buffer)];
    for (const [index, sample] of SAMPLES.entries()) expect(heard[index]).toBeCloseTo(sample / 32_768, bits === '8' ? 1 : 4);
  });

  it('reads several channels, interleaved', () => {
    expect(readWav(wave('16', SAMPLES, 2)).settings.channels).toBe(2);
  });

  it('takes the samples that are there where a pipe did not know their length, and no half frames', () => {
    const file = wave('16');
    new DataView(file.buffer, file.byteOffset).setUint32(40, 0xffff_ffff, true);
    expect(readWav(file.subarray(0, -1)).audio).toHaveLength(6);
  });

  it.each([
    ['text', new TextEncoder().encode('this is no recording'), /it is no RIFF file/],
    ['a file that ends in its header', wave('16').subarray(0, 30), /it ends before its samples begin/],
    ['ADPCM', wave('16').map((byte, index) => (index === 20 ? 17 : byte)), /format 17 with 16 bits/],
  ])('refuses %s', (_, file, message) => {
    expect(() => readWav(file)).toThrow(
      expect.objectContaining({ code: 'audio_unreadable', message: expect.stringMatching(message) }),
    );
  });
});

it('a header is read as soon as all of it is there, whatever chunks stand before the samples', () => {
  const plain = wave('16');
  const note = new Uint8Array(8 + 3 + 1); // odd chunks are filled up
  note.set(new TextEncoder().encode('note'));
  note[4] = 3;
  const file = Uint8Array.from([...plain.subarray(0, 36), ...note, ...plain.subarray(36)]);
  const complete = 44 + note.length;
  for (let length = 0; length < complete; length += 1) expect(readWavHeader(file.subarray(0, length))).toBeNull();
  expect(readWavHeader(file.subarray(0, complete))).toMatchObject({ dataAt: complete, dataBytes: 8, bytesPerFrame: 2 });
});
