import { FloraAsrError } from '../../kernels/errors.ts';

/**
 * Runs what writes into the cache. Node's file errors become `cache_unwritable`, with what to do about it;
 * our own errors pass.
 */
export async function writingCache<Result>(folder: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (cause) {
    if (cause instanceof FloraAsrError || !isFileError(cause)) throw cause;
    const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
    const remedy = full ? 'Free some space' : 'Make it writable';
    throw new FloraAsrError(
      'cache_unwritable',
      `${folder} cannot be written (${cause.message}). ${remedy}, or name another folder with FLORA_ASR_CACHE.`,
      { cause },
    );
  }
}

/** Node's errors of the system; those of the network come wrapped by fetch. */
function isFileError(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'errno' in cause && 'syscall' in cause;
}
