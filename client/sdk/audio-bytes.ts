import type { AudioEncoding } from '../../server/protocol/stream-messages.ts';
import { clientError } from './client-error.ts';

/**
 * Samples, channels interleaved: floats in [-1, 1], 16-bit integers, or bytes in the stream's own encoding, which may
 * be cut anywhere.
 */
export type AudioSamples = Float32Array | Int16Array | Uint8Array | ArrayBuffer;

const BYTES_PER_SAMPLE: Readonly<Record<AudioEncoding, number>> = { pcm_s16le: 2, pcm_f32le: 4, mulaw: 1, alaw: 1 };
const FULL_SCALE = 2 ** 15;

/** One sample of every channel. */
export function bytesPerFrameOf({ encoding, channels }: { encoding: AudioEncoding; channels: number }): number {
  return channels * BYTES_PER_SAMPLE[encoding];
}

/**
 * The bytes of samples, a copy of them: the caller may go on with its own.
 * @throws FloraAsrClientError `argument_invalid`
 */
export function audioBytes(samples: AudioSamples, encoding: AudioEncoding): Uint8Array<ArrayBuffer> {
  if (samples instanceof ArrayBuffer) return new Uint8Array(samples.slice(0));
  if (samples instanceof Uint8Array) return new Uint8Array(samples);
  if (encoding === 'pcm_s16le') return bytesOf(samples instanceof Int16Array ? new Int16Array(samples) : toInt16(samples));
  if (encoding === 'pcm_f32le') return bytesOf(samples instanceof Int16Array ? toFloat32(samples) : new Float32Array(samples));
  const given = samples.constructor.name;
  throw clientError('argument_invalid', `A stream in ${encoding} takes bytes (Uint8Array), not a ${given}.`, {
    param: 'samples',
  });
}

/** Rounded, and cut off at full scale. */
export function toInt16(samples: Float32Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(samples, (sample) => Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(sample * FULL_SCALE))));
}

function toFloat32(samples: Int16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(samples, (sample) => sample / FULL_SCALE);
}

/** As this machine has them: little-endian, as every one is that runs browsers or Node. */
function bytesOf({ buffer, byteOffset, byteLength }: Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer>) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
