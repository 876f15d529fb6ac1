import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** `sha256:<hex>` of files' bytes, one file after the other. Blocks: for worker threads. */
export function sha256OfFilesSync(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (const path of paths) {
    const descriptor = openSync(path, 'r');
    try {
      for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk))
        hash.update(chunk.subarray(0, read));
    } finally {
      closeSync(descriptor);
    }
  }
  return `sha256:${hash.digest('hex')}`;
}
