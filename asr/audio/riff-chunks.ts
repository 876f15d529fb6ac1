import { FloraAsrError } from '../../kernels/errors.ts';

/** The two chunks of a WAV file that make its sound; views of the file. */
export interface WaveChunks {
  /** RIFX: every number in the file is big-endian */
  readonly bigEndian: boolean;
  readonly format: Uint8Array;
  /** the samples, as far as they are in the file */
  readonly samples: Uint8Array;
  /** Bytes that the file states and does not have. 0 where the writer could not know the length. */
  readonly missingBytes: number;
}

interface Chunk {
  readonly id: string;
  readonly start: number;
  /** as the header states it: it may end behind the file */
  readonly sizeBytes: number;
}

/** RF64, and its twin BW64, state 64-bit sizes in a `ds64` chunk. */
const CONTAINERS: readonly string[] = ['RIFF', 'RIFX', 'RF64', 'BW64'];
const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/**
 * Who writes into a pipe states 0, −1 (ffmpeg), 0x7ffff000 (sox) or 0x80000000 (arecord). A file that
 * honestly was so large and is cut off would be taken for one of those: it is beyond any sensible limit.
 */
const UNKNOWN_FROM_BYTES = 0x7fff_f000;

/** Whether a file that begins like this is a WAV file. */
export function isWave(head: Uint8Array): boolean {
  return CONTAINERS.includes(ascii(head, 0)) && ascii(head, 8) === 'WAVE';
}

/**
 * Finds the chunks of a WAV file. The size in its first header is not looked at: it is often wrong.
 * @throws FloraAsrError `audio_unreadable`, `audio_truncated`
 */
export function findWaveChunks(file: Uint8Array): WaveChunks {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const bigEndian = ascii(file, 0) === 'RIFX';
  let format: Uint8Array | undefined;
  let longDataBytes: number | undefined;
  for (let at = HEADER_BYTES; at + CHUNK_HEADER_BYTES <= file.length; ) {
    const chunk: Chunk = { id: ascii(file, at), start: at + CHUNK_HEADER_BYTES, sizeBytes: view.getUint32(at + 4, !bigEndian) };
    const end = chunk.start + chunk.sizeBytes;
    if (chunk.id === 'data') {
      if (format === undefined) break;
      return { bigEndian, format, ...samplesOf(file, chunk, longDataBytes) };
    }
    if (end > file.length) throw truncated(`ends within its ${chunk.id.trim()} chunk, before the samples`);
    if (chunk.id === 'fmt ') format = file.subarray(chunk.start, end);
    // u64 riff size, u64 data size
    if (chunk.id === 'ds64' && chunk.sizeBytes >= 16) longDataBytes = Number(view.getBigUint64(chunk.start + 8, true));
    at = end + (end % 2); // chunks begin at even places
  }
  throw new FloraAsrError('audio_unreadable', `The WAV file has no ${format === undefined ? 'format' : 'data'} chunk.`);
}

function samplesOf(
  file: Uint8Array,
  chunk: Chunk,
  longDataBytes: number | undefined,
): { samples: Uint8Array; missingBytes: number } {
  const present = file.length - chunk.start;
  const stated = chunk.sizeBytes === 0xffff_ffff ? (longDataBytes ?? 0) : chunk.sizeBytes;
  if (chunk.sizeBytes === 0 && (present === 0 || chunkFollows(file, chunk.start))) {
    return { samples: file.subarray(chunk.start, chunk.start), missingBytes: 0 };
  }
  if (stated === 0 || (stated >= UNKNOWN_FROM_BYTES && stated > present)) {
    return { samples: file.subarray(chunk.start), missingBytes: 0 };
  }
  const samples = file.subarray(chunk.start, chunk.start + Math.min(stated, present));
  return { samples, missingBytes: stated - samples.length };
}

/** Tells a data chunk that is empty from one whose size was never filled in: behind it is a chunk, not samples. */
function chunkFollows(file: Uint8Array, at: number): boolean {
  if (at + CHUNK_HEADER_BYTES > file.length || !/^[A-Za-z_][A-Za-z0-9_]{2}[A-Za-z0-9_ ]$/.test(ascii(file, at))) return false;
  const sizeBytes = new DataView(file.buffer, file.byteOffset + at + 4, 4).getUint32(0, ascii(file, 0) !== 'RIFX');
  return at + CHUNK_HEADER_BYTES + sizeBytes <= file.length;
}

function ascii(bytes: Uint8Array, from: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + 4));
}

function truncated(what: string): FloraAsrError {
  return new FloraAsrError('audio_truncated', `The WAV file ${what}.`);
}
