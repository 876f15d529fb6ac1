import type { NamedAdapter } from './model-names.ts';

/** What decides it: settings, and what is loaded. */
export interface DetectionScope {
  /** `DETECT_LANGUAGES`: BCP-47 tags, or `all` */
  readonly detectLanguages: readonly string[];
  readonly languageDefaults: Readonly<Record<string, string>>;
  readonly adapters: readonly NamedAdapter[];
}

/** In place of a language. */
export const ALL_LANGUAGES = 'all';

/** Clients that say no language mostly speak this one. */
const USUAL = 'en';

/**
 * The languages among which that of a recording or a stream is found, where its client says none; empty for all that the
 * model knows. Fewer are told apart more surely: without a setting it is those that have an adapter, and English.
 */
export function detectableLanguages({ detectLanguages, languageDefaults, adapters }: DetectionScope): readonly string[] {
  if (detectLanguages.includes(ALL_LANGUAGES)) return [];
  if (detectLanguages.length > 0) return [...new Set(detectLanguages)];
  const ofAdapters = adapters.flatMap(({ manifest }) => manifest.language ?? []);
  const ofDefaults = Object.keys(languageDefaults).filter((language) => language !== '*');
  const served = new Set([...ofAdapters, ...ofDefaults]);
  return served.size === 0 ? [] : [...served.add(USUAL)].sort();
}
