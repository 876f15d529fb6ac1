import { type FileHandle, open, stat } from 'node:fs/promises';
import { FloraAsrError } from '../../kernels/errors.ts';
import { throwIfCancelled } from './cancelled.ts';
import { type AudioLimits, DEFAULT_AUDIO_LIMITS } from './limits.ts';
import { endsWithinOggPage, isOgg, LARGEST_OGG_PAGE_BYTES } from './ogg-end.ts';
import { openFilePath } from './open-file-path.ts';
import type { PcmAudio } from './pcm.ts';
import { withRamFile } from './ram-file.ts';
import { readWav } from './read-wav.ts';
import { readWithFfmpeg } from './read-with-ffmpeg.ts';
import { isWave } from './riff-chunks.ts';

/** A file of the user's, or an upload in memory. */
export type AudioSource = { readonly path: string } | { readonly bytes: Uint8Array };

export interface ReadAudioOptions {
  /** names the ffmpeg to run: see `findFfmpeg` */
  readonly env: NodeJS.ProcessEnv;
  readonly limits?: AudioLimits;
  readonly signal?: AbortSignal | undefined;
}

const HEAD_BYTES = 12;

/**
 * Decodes audio of any format, told by its content and not by its name. All channels are kept; WAV is
 * returned at its own rate, the rest at 16 kHz.
 * @throws FloraAsrError `file_not_found`, `argument_invalid`, `audio_too_large`, `audio_too_long`,
 * `audio_unreadable`, `audio_truncated`, `audio_empty`, `audio_not_finite`, `ffmpeg_missing`,
 * `ffmpeg_timeout`, `cancelled`
 */
export async function readAudio(source: AudioSource, options: ReadAudioOptions): Promise<PcmAudio> {
  throwIfCancelled(options.signal);
  return 'path' in source ? await readFile(source.path, options) : await readBytes(source.bytes, options);
}

async function readBytes(
  bytes: Uint8Array,
  { env, limits = DEFAULT_AUDIO_LIMITS, signal }: ReadAudioOptions,
): Promise<PcmAudio> {
  checkSize(bytes.length, limits);
  if (isWave(bytes)) {
    const audio = await readWav(bytes, { maxDurationMs: limits.maxDurationMs, signal });
    if (audio !== null) return audio;
  }
  checkOggEnd(bytes, bytes.subarray(-LARGEST_OGG_PAGE_BYTES));
  return await withRamFile(bytes, (file) => readWithFfmpeg({ file, limits, env, signal }));
}

async function readFile(path: string, { env, limits = DEFAULT_AUDIO_LIMITS, signal }: ReadAudioOptions): Promise<PcmAudio> {
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    checkSize(size, limits);
    const head = await readPart(handle, 0, Math.min(size, HEAD_BYTES));
    if (isWave(head)) {
      const file = await readPart(handle, 0, size);
      const audio = await readWav(file, { maxDurationMs: limits.maxDurationMs, signal });
      if (audio !== null) return audio;
    }
    const tailBytes = Math.min(size, LARGEST_OGG_PAGE_BYTES);
    checkOggEnd(head, await readPart(handle, size - tailBytes, tailBytes));
    return await readWithFfmpeg({ file: openFilePath(handle, path), limits, env, signal });
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // before it is opened: opening a pipe would wait for its writer
    if (!(await stat(path)).isFile()) throw new FloraAsrError('argument_invalid', `${path} is not a file.`);
    return await open(path);
  } catch (cause) {
    if (cause instanceof FloraAsrError) throw cause;
    const missing = cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
    if (missing) throw new FloraAsrError('file_not_found', `There is no file ${path}.`, { cause });
    throw new FloraAsrError('argument_invalid', `${path} cannot be opened.`, { cause });
  }
}

/** Bytes of the file; fewer if it has shrunk meanwhile. */
async function readPart(handle: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const part = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(part, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return part.subarray(0, filled);
}

function checkSize(sizeBytes: number, { maxBytes }: AudioLimits): void {
  if (sizeBytes === 0) throw new FloraAsrError('audio_empty', 'The file is empty.');
  if (sizeBytes > maxBytes) {
    throw new FloraAsrError('audio_too_large', `The file has ${sizeBytes} bytes; the limit is ${maxBytes}.`);
  }
}

function checkOggEnd(head: Uint8Array, tail: Uint8Array): void {
  if (!isOgg(head) || !endsWithinOggPage(tail)) return;
  throw new FloraAsrError('audio_truncated', 'The Ogg file ends in the middle of a page.');
}
