import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { openFilePath } from './open-file-path.ts';

/** In memory on every Linux. */
const SHARED_MEMORY = '/dev/shm';

/**
 * Lends bytes to another program as a file that it can seek in. On Linux the file is in memory, and has
 * lost its name before anything is written: whatever becomes of this process, nothing stays behind.
 * Elsewhere it is a temporary file that only this user can read, removed after use.
 * @throws FloraAsrError `audio_too_large` if shared memory is full
 */
export async function withRamFile<T>(bytes: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  return process.platform === 'linux' ? await withNamelessFile(bytes, use) : await withTemporaryFile(bytes, use);
}

async function withNamelessFile<T>(bytes: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  const name = path.join(SHARED_MEMORY, `flora-asr-${randomUUID()}`);
  let handle: FileHandle;
  try {
    handle = await open(name, 'wx+', 0o600);
  } catch {
    return await withTemporaryFile(bytes, use);
  }
  try {
    await unlink(name);
    await handle.writeFile(bytes);
    return await use(openFilePath(handle, name));
  } catch (error) {
    if (!isFull(error)) throw error;
    const advice = `mount a larger ${SHARED_MEMORY} (docker run --shm-size) or read the audio from a file`;
    const what = `The audio (${bytes.length} bytes) does not fit into what is left of ${SHARED_MEMORY}`;
    throw new FloraAsrError('audio_too_large', `${what}; ${advice}.`, { cause: error });
  } finally {
    await handle.close();
  }
}

async function withTemporaryFile<T>(bytes: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flora-asr-'));
  try {
    const file = path.join(folder, 'audio');
    await writeFile(file, bytes, { mode: 0o600, flag: 'wx' });
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}
