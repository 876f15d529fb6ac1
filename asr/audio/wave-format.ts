import wavefile from 'wavefile';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import { isLinearEncoding, type LinearEncoding } from './linear-samples.ts';
import type { WaveChunks } from './riff-chunks.ts';

/** What a WAV file says of its samples. */
export interface WaveFormat {
  readonly channels: number;
  readonly sampleRateHz: number;
  /** one sample of every channel */
  readonly bytesPerFrame: number;
  readonly encoding: WaveEncoding;
}

/** G.711's two laws, which wavefile expands. */
export interface CompandedEncoding {
  readonly kind: 'a-law' | 'mu-law';
}

/** `other` is for ffmpeg. */
export type WaveEncoding = LinearEncoding | CompandedEncoding | { readonly kind: 'other' };

const formatSchema = z.object({
  audioFormat: z.number(),
  numChannels: z.number(),
  sampleRate: z.number(),
  blockAlign: z.number(),
  bitsPerSample: z.number(),
  subformat: z.array(z.number()),
});

const EXTENSIBLE = 0xfffe;
const SMALLEST_FORMAT_BYTES = 16;
const LOWEST_HZ = 1_000;
const HIGHEST_HZ = 768_000;

/**
 * A WAV file of only the format and these samples. wavefile never sees the file itself: it believes
 * the counts in chunks of cue points and labels, and a hostile one would take all memory.
 */
export function openWave({ bigEndian, format }: WaveChunks, samples: Uint8Array): wavefile.WaveFile {
  const dataAt = 20 + format.length + (format.length % 2);
  const file = Buffer.alloc(dataAt + 8 + samples.length);
  const writeSize = (size: number, at: number) => (bigEndian ? file.writeUInt32BE(size, at) : file.writeUInt32LE(size, at));
  file.write(bigEndian ? 'RIFX' : 'RIFF', 0, 'latin1');
  writeSize(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  writeSize(format.length, 16);
  file.set(format, 20);
  file.write('data', dataAt, 'latin1');
  writeSize(samples.length, dataAt + 4);
  file.set(samples, dataAt + 8);
  return new wavefile.WaveFile(file);
}

/** @throws FloraAsrError `audio_unreadable` */
export function waveFormatOf(chunks: WaveChunks): WaveFormat {
  if (chunks.format.length < SMALLEST_FORMAT_BYTES) {
    throw new FloraAsrError('audio_unreadable', `The WAV file's format chunk has only ${chunks.format.length} bytes.`);
  }
  const stated = formatSchema.parse(openWave(chunks, new Uint8Array(0)).fmt);
  const { numChannels: channels, sampleRate: sampleRateHz, blockAlign: bytesPerFrame, bitsPerSample } = stated;
  if (channels === 0) throw new FloraAsrError('audio_unreadable', 'The WAV file states that it has no channels.');
  if (sampleRateHz < LOWEST_HZ || sampleRateHz > HIGHEST_HZ) {
    const range = `a sample rate must be ${LOWEST_HZ} to ${HIGHEST_HZ} Hz`;
    throw new FloraAsrError('audio_unreadable', `The WAV file states ${sampleRateHz} Hz, but ${range}.`);
  }
  const tag = stated.audioFormat === EXTENSIBLE ? (stated.subformat[0] ?? 0) : stated.audioFormat;
  // wavefile does not look for the laws within an extensible format
  const extended = stated.audioFormat === EXTENSIBLE;
  const encoding = encodingOf({ tag, extended, bitsPerSample, bigEndian: chunks.bigEndian });
  const fits = bytesPerFrame === (channels * bitsPerSample) / 8;
  return { channels, sampleRateHz, bytesPerFrame, encoding: fits ? encoding : { kind: 'other' } };
}

/**
 * By the tags of Microsoft's mmreg.h. ADPCM (17) is left to ffmpeg: wavefile 11 repeats the first sample
 * of each block and loses the last block.
 */
function encodingOf(stated: { tag: number; extended: boolean; bitsPerSample: number; bigEndian: boolean }): WaveEncoding {
  const { tag, extended, bitsPerSample, bigEndian } = stated;
  const other = { kind: 'other' } as const;
  if (tag === 1 || tag === 3) {
    const encoding = { kind: tag === 1 ? 'integer' : 'float', bytesPerSample: bitsPerSample / 8, bigEndian } as const;
    return isLinearEncoding(encoding) ? encoding : other;
  }
  if (extended || bitsPerSample !== 8) return other;
  if (tag === 6) return { kind: 'a-law' };
  return tag === 7 ? { kind: 'mu-law' } : other;
}
