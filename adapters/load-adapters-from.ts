import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { FloraAsrError } from '../kernels/errors.ts';
import type { Adapter } from './adapter.ts';
import { loadAdapter, MANIFEST_FILE, WEIGHTS_FILE } from './load-adapter.ts';

export interface LoadedAdapters {
  readonly adapters: readonly Adapter[];
  /** folders that were meant to hold an adapter, and do not */
  readonly failures: readonly { readonly folder: string; readonly error: FloraAsrError }[];
}

/**
 * Loads the adapters of a folder: the folder itself if it is one, else its sub-folders, by name. A
 * sub-folder with neither of an adapter's two files is passed over; a broken adapter is reported, and
 * the others are loaded nevertheless.
 * @throws FloraAsrError `file_not_found` if there is no such folder
 */
export function loadAdaptersFrom(folder: string): LoadedAdapters {
  const adapters: Adapter[] = [];
  const failures: { folder: string; error: FloraAsrError }[] = [];
  for (const candidate of holdsAdapter(folder) ? [folder] : subFolders(folder).filter(holdsAdapter)) {
    try {
      adapters.push(loadAdapter(candidate));
    } catch (error) {
      if (!(error instanceof FloraAsrError)) throw error;
      failures.push({ folder: candidate, error });
    }
  }
  return { adapters, failures };
}

/**
 * The adapters of a folder, all of them. One that is broken is an error, and not left out: its language's rows would
 * silently get the base model.
 * @throws FloraAsrError `adapter_invalid` with everything that is wrong, `file_not_found` if it holds none
 */
export function requireAdaptersFrom(folder: string): readonly Adapter[] {
  const { adapters, failures } = loadAdaptersFrom(folder);
  if (failures.length > 0) {
    const messages = failures.map(({ error }) => error.message);
    throw new FloraAsrError('adapter_invalid', messages.join('\n'), { cause: failures[0]?.error });
  }
  if (adapters.length > 0) return adapters;
  throw new FloraAsrError('file_not_found', `${folder} holds no adapter: no adapter.json in it or in its sub-folders.`);
}

function subFolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((entry) => path.join(folder, entry));
  } catch (cause) {
    throw new FloraAsrError('file_not_found', `There is no adapters' folder ${folder}: ${(cause as Error).message}`, { cause });
  }
}

/** One file is enough: a half-copied adapter is to be reported, not passed over. */
function holdsAdapter(folder: string): boolean {
  return [MANIFEST_FILE, WEIGHTS_FILE].some((file) => existsSync(path.join(folder, file)));
}
