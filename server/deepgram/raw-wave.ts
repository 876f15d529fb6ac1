import type { SampleEncoding } from '../../asr/audio/sample-encodings.ts';
import type { RawAudio } from './listen-query.ts';

/** WAVE's numbers for encodings, and how many bytes a sample has. */
const FORMATS: Readonly<Record<SampleEncoding, { readonly tag: number; readonly bytes: number }>> = {
  pcm_s16le: { tag: 1, bytes: 2 },
  pcm_f32le: { tag: 3, bytes: 4 },
  alaw: { tag: 6, bytes: 1 },
  mulaw: { tag: 7, bytes: 1 },
};

const HEADER_BYTES = 44;

/** Samples as a file that says what they are; a file that does so already stays as it is. */
export function asWave(samples: Buffer, { encoding, sampleRateHz, channels }: RawAudio): Buffer {
  if (samples.toString('latin1', 0, 4) === 'RIFF') return samples;
  const { tag, bytes } = FORMATS[encoding];
  const frameBytes = bytes * channels;
  const length = samples.length - (samples.length % frameBytes);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES - 8 + length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(tag, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * frameBytes, 28);
  header.writeUInt16LE(frameBytes, 32);
  header.writeUInt16LE(8 * bytes, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(length, 40);
  return Buffer.concat([header, samples.subarray(0, length)]);
}
