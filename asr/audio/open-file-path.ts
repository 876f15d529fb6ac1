import type { FileHandle } from 'node:fs/promises';

/**
 * A path by which another program of this user opens a file that is open here. On Linux it leads through
 * this process, so that the file needs no name; and ffmpeg, which believes a name's extension more than
 * the content, sees none. Elsewhere it is the name itself.
 */
export function openFilePath(handle: FileHandle, name: string): string {
  return process.platform === 'linux' ? `/proc/${process.pid}/fd/${handle.fd}` : name;
}
