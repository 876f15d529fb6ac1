import type { AudioEncoding } from '../../server/protocol/stream-messages.ts';
import { clientError } from './client-error.ts';

/** How a stream is started, so that it takes a file's samples. */
export interface WavSettings {
  readonly encoding: AudioEncoding;
  readonly sample_rate: number;
  readonly channels: number;
}

export interface WavHeader {
  readonly settings: WavSettings;
  /** where samples begin */
  readonly dataAt: number;
  /** Infinity where a pipe was written, whose length was not known */
  readonly dataBytes: number;
  /** one sample of every channel, as the file has it */
  readonly bytesPerFrame: number;
  /** Whole frames of the file, in the encoding of `settings`. */
  readonly convert: (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;
}

export interface WavAudio {
  readonly settings: WavSettings;
  readonly audio: Uint8Array<ArrayBuffer>;
}

/**
 * A WAV file's samples and how to start a stream for them:
 *
 *     const { settings, audio } = readWav(await readFile('call.wav'));
 *     const stream = await openStream({ url, language: 'es', ...settings });
 *     await stream.send(audio);
 *
 * @throws FloraAsrClientError `audio_unreadable`
 */
export function readWav(file: Uint8Array): WavAudio {
  const header = readWavHeader(file);
  if (header === null) throw unreadable('it ends before its samples begin');
  const { settings, dataAt, dataBytes, bytesPerFrame, convert } = header;
  const data = file.subarray(dataAt, dataAt + dataBytes);
  return { settings, audio: convert(data.subarray(0, data.length - (data.length % bytesPerFrame))) };
}

/**
 * Reads as much of a WAV file as says what follows.
 * @returns null if that is not all there yet
 * @throws FloraAsrClientError `audio_unreadable`
 */
export function readWavHeader(head: Uint8Array): WavHeader | null {
  if (head.length < 12) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (nameAt(view, 0) !== 'RIFF' || nameAt(view, 8) !== 'WAVE') throw unreadable('it is no RIFF file');
  let format: DataView | null = null;
  for (let at = 12; at + 8 <= head.length; ) {
    const [name, bytes] = [nameAt(view, at), view.getUint32(at + 4, true)];
    if (name === 'data') {
      if (format === null) throw unreadable('it has no format chunk before its samples');
      const dataBytes = bytes === 0 || bytes >= 0xffff_ff00 ? Number.POSITIVE_INFINITY : bytes;
      return { ...formatOf(format), dataAt: at + 8, dataBytes };
    }
    const end = at + 8 + bytes + (bytes % 2);
    if (name === 'fmt ') {
      if (at + 8 + bytes > head.length) return null;
      if (bytes < 16) throw unreadable(`its format chunk has only ${bytes} bytes`);
      format = new DataView(head.buffer, head.byteOffset + at + 8, bytes);
    }
    at = end;
  }
  return null;
}

/** Microsoft's mmreg.h: integers 1, floats 3, A-law 6, µ-law 7; 0xfffe has one of these at the end. */
function formatOf(format: DataView): Omit<WavHeader, 'dataAt' | 'dataBytes'> {
  const stated = format.getUint16(0, true);
  const tag = stated === 0xfffe && format.byteLength >= 26 ? format.getUint16(24, true) : stated;
  const [channels, sample_rate, bits] = [format.getUint16(2, true), format.getUint32(4, true), format.getUint16(14, true)];
  const made = (encoding: AudioEncoding, convert: WavHeader['convert'] = (bytes) => new Uint8Array(bytes)) => ({
    settings: { encoding, sample_rate, channels },
    bytesPerFrame: (channels * bits) / 8,
    convert,
  });
  const kind = `${tag}/${bits}`;
  if (channels === 0) throw unreadable('it has no channels');
  switch (kind) {
    case '1/16':
      return made('pcm_s16le');
    case '3/32':
      return made('pcm_f32le');
    case '6/8':
      return made('alaw');
    case '7/8':
      return made('mulaw');
    case '1/8':
      return made(
        'pcm_f32le',
        floats(1, (view, at) => (view.getUint8(at) - 2 ** 7) / 2 ** 7),
      );
    case '1/24':
      return made(
        'pcm_f32le',
        floats(3, (view, at) => (view.getInt16(at + 1, true) * 2 ** 8 + view.getUint8(at)) / 2 ** 23),
      );
    case '1/32':
      return made(
        'pcm_f32le',
        floats(4, (view, at) => view.getInt32(at, true) / 2 ** 31),
      );
    case '3/64':
      return made(
        'pcm_f32le',
        floats(8, (view, at) => view.getFloat64(at, true)),
      );
    default:
      throw unreadable(`its samples are of format ${tag} with ${bits} bits; PCM, A-law and µ-law are read`);
  }
}

/** @param read one sample, that begins at this byte */
function floats(bytesPerSample: number, read: (view: DataView, at: number) => number): WavHeader['convert'] {
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = Math.floor(bytes.length / bytesPerSample);
    return new Uint8Array(Float32Array.from({ length: count }, (_, index) => read(view, index * bytesPerSample)).buffer);
  };
}

function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((offset) => view.getUint8(at + offset)));
}

function unreadable(why: string): Error {
  return clientError('audio_unreadable', `This is no WAV file that can be sent: ${why}.`);
}
