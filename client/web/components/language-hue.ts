import { hueOf } from '../service/language-names.ts';
import { adapters } from '../service/service.ts';

/** The colour of a language throughout the page. */
export function hueFor(language: string): number {
  return hueOf(
    language,
    adapters.value.flatMap((adapter) => adapter.language ?? []),
  );
}
