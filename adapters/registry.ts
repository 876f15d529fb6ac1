import { FloraAsrError } from '../kernels/errors.ts';
import type { Adapter } from './adapter.ts';
import { type AdapterId, type AdapterReference, parseAdapterReference } from './manifest.ts';
import { compareVersions } from './version.ts';

/** What a row asks for. */
export interface RouteRequest {
  /** BCP-47 tag of the audio; null if it is not known */
  readonly language: string | null;
  /** `name` or `name@version`; null for the base model; left out, the language decides */
  readonly adapter?: string | null;
}

/**
 * The adapters that rows may be routed to.
 *
 * By name: `name@version` is that version, `name` the highest version that is registered. A name serves
 * audio of any language: it is the caller's explicit choice.
 *
 * By language (RFC 4647 lookup): the tag itself, then the tag without its last part, and so on:
 * `zh-Hant-TW`, `zh-Hant`, `zh`; then an adapter for any language; then the base model. Of several
 * versions of one name the highest is taken. Several names for the same language are refused when
 * the second is added, unless `defaults` says what the language gets; the others are then to be had
 * by name. A default is a request like any other: it may name an adapter for another language, and
 * if that is not registered, the row is refused.
 */
export class AdapterRegistry {
  readonly #adapters = new Map<AdapterId, Adapter>();
  /** what a language's rows get; the key for any language is `*` */
  readonly #defaults: ReadonlyMap<string, string>;

  /**
   * @param defaults language tag, or `*` for any language, to an adapter's `name` or `name@version`
   * @throws FloraAsrError `language_unknown`, `argument_invalid`
   */
  constructor(defaults: Readonly<Record<string, string>> = {}) {
    this.#defaults = new Map(
      Object.entries(defaults).map(([tag, adapter]) => {
        parseAdapterReference(adapter); // refused at start-up, not at the first row
        return [tag === ANY_LANGUAGE ? tag : canonicalTag(tag), adapter];
      }),
    );
  }

  /**
   * @throws FloraAsrError `adapter_exists` if this version is registered, `adapter_ambiguous` if another
   * name serves its language and no default decides
   */
  add(adapter: Adapter): void {
    const present = this.#adapters.get(adapter.id);
    if (present !== undefined) {
      throw new FloraAsrError(
        'adapter_exists',
        `Adapter ${adapter.id} is loaded already, ${
          present.digest === adapter.digest ? 'with the same contents' : 'with other contents; give the new one a new version'
        }.`,
      );
    }
    this.#refuseAmbiguous(adapter);
    this.#adapters.set(adapter.id, adapter);
  }

  /** @returns the adapter that was removed @throws FloraAsrError `adapter_not_found` */
  remove(id: AdapterId): Adapter {
    const adapter = this.#adapters.get(id);
    if (adapter === undefined) throw this.#notFound(id);
    this.#adapters.delete(id);
    return adapter;
  }

  /** All adapters, by name, lowest version first. */
  list(): readonly Adapter[] {
    return [...this.#adapters.values()].sort((left, right) => {
      const [leftName, rightName] = [left.manifest.name, right.manifest.name];
      if (leftName !== rightName) return leftName < rightName ? -1 : 1;
      return compareVersions(left.manifest.version, right.manifest.version);
    });
  }

  /**
   * The adapter a row is decoded with; null is the base model.
   * @throws FloraAsrError `adapter_not_found` if a named adapter, or a language's default, is not loaded, `argument_invalid` if it is no
   * adapter's name, `language_unknown` if the tag is not well-formed
   */
  route(request: RouteRequest): Adapter | null {
    if (request.adapter === null) return null;
    if (request.adapter !== undefined) return this.#named(request.adapter);
    for (const key of request.language === null ? [ANY_LANGUAGE] : lookupKeys(request.language)) {
      const found = this.#forLanguage(key);
      if (found !== null) return found;
    }
    return null;
  }

  #named(text: string): Adapter {
    const found = this.#highest(parseAdapterReference(text));
    if (found === null) throw this.#notFound(text);
    return found;
  }

  #forLanguage(key: string): Adapter | null {
    const chosen = this.#defaults.get(key);
    if (chosen !== undefined) return this.#named(chosen);
    // without a default, all that serve one language have the same name
    return this.list().findLast((adapter) => languageKey(adapter) === key) ?? null;
  }

  #highest({ name, version }: AdapterReference): Adapter | null {
    const matches = ({ manifest }: Adapter) => manifest.name === name && (version === null || manifest.version === version);
    return this.list().findLast(matches) ?? null;
  }

  #refuseAmbiguous(adapter: Adapter): void {
    const key = languageKey(adapter);
    if (this.#defaults.has(key)) return;
    const { name } = adapter.manifest;
    const rival = this.list().find((other) => languageKey(other) === key && other.manifest.name !== name);
    if (rival === undefined) return;
    const language = key === ANY_LANGUAGE ? 'any language' : `language ${key}`;
    throw new FloraAsrError(
      'adapter_ambiguous',
      `Adapters ${rival.manifest.name} and ${name} both serve ${language}; choose its default, ` +
        `${key}=${rival.manifest.name} or ${key}=${name}. The other can then be asked for by name.`,
    );
  }

  #notFound(wanted: string): FloraAsrError {
    const loaded = this.list().map((adapter) => adapter.id);
    return new FloraAsrError(
      'adapter_not_found',
      `Adapter ${wanted} is not loaded; ${loaded.length === 0 ? 'none is' : `loaded are ${loaded.join(', ')}`}.`,
    );
  }
}

const ANY_LANGUAGE = '*';

function languageKey(adapter: Adapter): string {
  return adapter.manifest.language === null ? ANY_LANGUAGE : canonicalTag(adapter.manifest.language);
}

/** A tag and its ever shorter beginnings, then any language. */
function lookupKeys(tag: string): readonly string[] {
  const parts = canonicalTag(tag).split('-');
  const keys: string[] = [];
  while (parts.length > 0) {
    keys.push(parts.join('-'));
    parts.pop();
    // a single letter only introduces what follows it (RFC 4647, section 3.4)
    if (parts.at(-1)?.length === 1) parts.pop();
  }
  return [...keys, ANY_LANGUAGE];
}

/** One spelling for every tag: `ES-419` and `es-419`, or the old `iw` and `he`, are the same. */
function canonicalTag(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? tag;
  } catch (cause) {
    throw new FloraAsrError('language_unknown', `"${tag}" is not a BCP-47 language tag, such as "el" or "es-419".`, { cause });
  }
}
