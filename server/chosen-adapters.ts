import type { Adapter } from '../adapters/adapter.ts';
import { requireAdaptersFrom } from '../adapters/load-adapters-from.ts';
import { publishedAdapters } from '../adapters/published-folder.ts';

/** In place of a folder: the adapters that come with the project. */
const PUBLISHED = 'published';
/** In place of a folder: none. */
const NONE = 'none';

/** What is loaded where nothing is said. */
export const DEFAULT_ADAPTERS: readonly string[] = [PUBLISHED];

/**
 * The adapters of all folders.
 * @param folders `published` and `none` are no folders
 * @throws FloraAsrError `adapter_invalid` with everything that is wrong, `file_not_found`
 */
export function ownAdapters(folders: readonly string[]): readonly Adapter[] {
  return folders.filter((folder) => folder !== PUBLISHED && folder !== NONE).flatMap(requireAdaptersFrom);
}

/**
 * The published adapters, if they are asked for, as far as they were made for these weights: whoever serves another
 * model has not asked for them by name.
 * @throws FloraAsrError `adapter_invalid`
 */
export function publishedFor(weights: { readonly digest: string }, folders: readonly string[]): readonly Adapter[] {
  const folder = publishedAdapters();
  if (folder === null || !folders.includes(PUBLISHED)) return [];
  return requireAdaptersFrom(folder).filter(({ manifest }) => manifest.baseModel.digest === weights.digest);
}
