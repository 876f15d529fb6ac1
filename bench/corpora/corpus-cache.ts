import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { makeFolder } from '../../kernels/make-folder.ts';

/** Where a corpus lies once it is packed. */
export function corpusFolder(cacheDir: string, name: string): string {
  return join(cacheDir, 'corpora', name);
}

export interface CorpusWorkplace {
  /** becomes the corpus: empty at first */
  readonly packedFolder: string;
  /** for what is needed on the way: empty at first, removed at the end */
  readonly workFolder: string;
}

/**
 * Lets `build` make a corpus. It appears in the cache whole or not at all: everything is made in a folder of its own
 * that is renamed at the end; what was there before stays until then.
 * @throws FloraAsrError `cache_unwritable`, and what `build` throws.
 */
export async function makeCorpus(
  cacheDir: string,
  name: string,
  build: (place: CorpusWorkplace) => Promise<void>,
): Promise<void> {
  const partial = await makePartialFolder(cacheDir, name);
  try {
    const place = { packedFolder: join(partial, 'packed'), workFolder: join(partial, 'work') };
    await mkdir(place.packedFolder);
    await mkdir(place.workFolder);
    await build(place);
    await removeFolder(corpusFolder(cacheDir, name));
    await rename(place.packedFolder, corpusFolder(cacheDir, name));
  } finally {
    await removeFolder(partial);
  }
}

const PARTIAL = '.partial-';
const ABANDONED_AFTER_MS = 24 * 3_600_000;

async function makePartialFolder(cacheDir: string, name: string): Promise<string> {
  const corpora = join(cacheDir, 'corpora');
  try {
    await makeFolder(corpora);
    await removeAbandoned(corpora);
    return await mkdtemp(join(corpora, `${name}${PARTIAL}`));
  } catch (cause) {
    throw new FloraAsrError('cache_unwritable', `${corpora} cannot be written; set FLORA_ASR_CACHE to a folder that can`, {
      cause,
    });
  }
}

/** Removes what commands that were killed have left; one that still runs is younger than a day. */
async function removeAbandoned(corpora: string): Promise<void> {
  for (const name of await readdir(corpora)) {
    if (!name.includes(PARTIAL)) continue;
    const about = await stat(join(corpora, name)).catch(() => null);
    if (about !== null && about.mtimeMs < Date.now() - ABANDONED_AFTER_MS) await removeFolder(join(corpora, name));
  }
}

/** Retried, because a process that was just cancelled may still be writing into it. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
