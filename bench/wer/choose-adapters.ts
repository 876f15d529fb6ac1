import type { Adapter } from '../../adapters/adapter.ts';
import { AdapterRegistry } from '../../adapters/registry.ts';

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
