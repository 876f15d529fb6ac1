import type { Adapter } from '../../adapters/adapter.ts';
import { loadAdaptersFrom } from '../../adapters/load-adapters-from.ts';
import { AdapterRegistry } from '../../adapters/registry.ts';
import { FloraAsrError } from '../../kernels/errors.ts';

/**
 * The adapters of a folder, or the one that the folder is.
 * @throws FloraAsrError `file_not_found` if it holds none, `adapter_invalid` with all that is wrong
 */
export function loadAdapters(folder: string): readonly Adapter[] {
  const { adapters, failures } = loadAdaptersFrom(folder);
  if (failures.length > 0) {
    const messages = failures.map(({ error }) => error.message);
    throw new FloraAsrError('adapter_invalid', messages.join('\n'), { cause: failures[0]?.error });
  }
  if (adapters.length > 0) return adapters;
  throw new FloraAsrError('file_not_found', `${folder} holds no adapter: no adapter.json in it or in its sub-folders.`);
}

/**
 * By language, the adapter its utterances are decoded with: the one that the service would take, or the one that is
 * named, for every language. Languages without one are left out.
 * @param name `name` or `name@version`; null: the language decides
 * @throws FloraAsrError `adapter_ambiguous` if several serve one language, `adapter_not_found`
 */
export function chooseAdapters(
  adapters: readonly Adapter[],
  languages: readonly string[],
  name: string | null,
): ReadonlyMap<string, Adapter> {
  const registry = new AdapterRegistry();
  for (const adapter of adapters) {
    // of adapters that nobody asks about, several may serve one language
    if (name !== null && name !== adapter.id && name !== adapter.manifest.name) continue;
    registry.add(adapter);
  }
  const chosen = languages.map((language) => {
    const adapter = registry.route(name === null ? { language } : { language, adapter: name });
    return [language, adapter] as const;
  });
  return new Map(chosen.flatMap(([language, adapter]) => (adapter === null ? [] : [[language, adapter] as const])));
}
