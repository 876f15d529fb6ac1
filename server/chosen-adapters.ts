import type { Adapter } from '../adapters/adapter.ts';
import { loadAdaptersFrom } from '../adapters/load-adapters-from.ts';
import { publishedAdapters } from '../adapters/published-folder.ts';
import { FloraAsrError } from '../kernels/errors.ts';

/** In place of a folder: the adapters that come with the project. */
const PUBLISHED = 'published';
/** In place of a folder: none. */
const NONE = 'none';

/** What is loaded where nothing is said. */
export const DEFAULT_ADAPTERS: readonly string[] = [PUBLISHED];

/**
 * The adapters of all folders. One that is broken is an error, and not left out: its language's rows would silently
 * get the base model.
 * @param folders `published` and `none` are no folders
 * @throws FloraAsrError `adapter_invalid` with everything that is wrong, `file_not_found`
 */
export function ownAdapters(folders: readonly string[]): readonly Adapter[] {
  return folders.filter((folder) => folder !== PUBLISHED && folder !== NONE).flatMap(adaptersIn);
}

/**
 * The published adapters, if they are asked for, as far as they were made for these weights: whoever serves another
 * model has not asked for them by name.
 * @throws FloraAsrError `adapter_invalid`
 */
export function publishedFor(weights: { readonly digest: string }, folders: readonly string[]): readonly Adapter[] {
  const folder = publishedAdapters();
  if (folder === null || !folders.includes(PUBLISHED)) return [];
  return adaptersIn(folder).filter(({ manifest }) => manifest.baseModel.digest === weights.digest);
}

function adaptersIn(folder: string): readonly Adapter[] {
  const { adapters, failures } = loadAdaptersFrom(folder);
  if (failures.length > 0) {
    const messages = failures.map(({ error }) => error.message);
    throw new FloraAsrError('adapter_invalid', messages.join('\n'), { cause: failures[0]?.error });
  }
  if (adapters.length > 0) return adapters;
  throw new FloraAsrError('file_not_found', `${folder} holds no adapter: no adapter.json in it or in its sub-folders.`);
}
