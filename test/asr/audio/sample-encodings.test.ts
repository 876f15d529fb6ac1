import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { deinterleave } from '../../../asr/audio/channels.ts';
import { linearSamples } from '../../../asr/audio/linear-samples.ts';
import { createSampleDecoder, type SampleEncoding } from '../../../asr/audio/sample-encodings.ts';

const ALL_CODES = Uint8Array.from({ length: 256 }, (_, code) => code);

/** What wavefile makes of all codes of a law, as integers of 16 bits. */
function wavefileExpands(law: 'mulaw' | 'alaw'): number[] {
  const file = new wavefile.WaveFile();
  file.fromScratch(1, 8_000, law === 'mulaw' ? '8m' : '8a', ALL_CODES);
  if (law === 'mulaw') file.fromMuLaw();
  else file.fromALaw();
  return Array.from(file.getSamples(false, Int16Array) as unknown as Int16Array);
}

describe('decoding samples of binary messages', () => {
  it.each(['mulaw', 'alaw'] as const)('expands all codes of %s as wavefile does', (encoding) => {
    const [samples] = createSampleDecoder({ encoding, channels: 1 }).push(ALL_CODES);
    const integers = Array.from(samples ?? [], (sample) => 2 ** 15 * sample);
    expect(integers.map((value) => value + 0)).toEqual(wavefileExpands(encoding).map((value) => value + 0));
    expect(Math.max(...integers)).toBeGreaterThan(30_000);
  });

  it('scales integers by 1/32768', () => {
    const bytes = new Uint8Array(Int16Array.of(-32_768, -1, 0, 1, 32_767).buffer);
    const [samples] = createSampleDecoder({ encoding: 'pcm_s16le', channels: 1 }).push(bytes);
    expect(samples).toEqual(Float32Array.of(-1, -1 / 32_768, 0, 1 / 32_768, 32_767 / 32_768));
  });

  it('gives each channel its own samples', () => {
    const bytes = new Uint8Array(Float32Array.of(0.1, -0.1, 0.2, -0.2).buffer);
    const channels = createSampleDecoder({ encoding: 'pcm_f32le', channels: 2 }).push(bytes);
    expect(channels).toEqual([Float32Array.of(0.1, 0.2), Float32Array.of(-0.1, -0.2)]);
  });

  it('reads bytes that lie anywhere in memory, as the readers of files do', () => {
    const linear = [
      { encoding: 'pcm_s16le', stored: { kind: 'integer', bytesPerSample: 2, bigEndian: false } },
      { encoding: 'pcm_f32le', stored: { kind: 'float', bytesPerSample: 4, bigEndian: false } },
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...linear),
        fc.integer({ min: 1, max: 8 }),
        fc.nat({ max: 20 }),
        fc.nat({ max: 9 }),
        fc.infiniteStream(fc.nat({ max: 255 })),
        ({ encoding, stored }, channels, frames, offset, random) => {
          const length = frames * channels * stored.bytesPerSample;
          const memory = Uint8Array.from({ length: offset + length }, () => random.next().value as number);
          const bytes = memory.subarray(offset);
          const expected = deinterleave(linearSamples(bytes, stored), channels);
          expect(createSampleDecoder({ encoding, channels }).push(bytes)).toEqual(expected);
        },
      ),
    );
  });

  it('takes a message without frames', () => {
    expect(createSampleDecoder({ encoding: 'alaw', channels: 2 }).push(new Uint8Array(0))).toEqual([
      new Float32Array(0),
      new Float32Array(0),
    ]);
  });

  it.each([
    ['pcm_s16le', 1, 3, 2],
    ['pcm_s16le', 2, 6, 4],
    ['pcm_f32le', 1, 7, 4],
    ['mulaw', 3, 4, 3],
  ] as const)('refuses %s with %d channels in a message of %d bytes', (encoding: SampleEncoding, channels, bytes, frame) => {
    const decoder = createSampleDecoder({ encoding, channels });
    expect(() => decoder.push(new Uint8Array(bytes))).toThrow(
      expect.objectContaining({
        code: 'audio_malformed',
        message: expect.stringMatching(new RegExp(`has ${frame} bytes a frame.* has ${bytes} bytes`)),
      }),
    );
  });
});
