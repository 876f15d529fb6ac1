import { describe, expect, it } from 'vitest';
import { AdapterRegistry } from '../../adapters/registry.ts';
import { codeOf, sampleAdapter } from './sample-adapters.ts';

const spanish = sampleAdapter({ name: 'spanish', language: 'es' });
const latin = sampleAdapter({ name: 'latin', language: 'es-419' });
const greek = sampleAdapter({ name: 'greek', language: 'el' });

function registryOf(adapters: readonly ReturnType<typeof sampleAdapter>[], defaults: Record<string, string> = {}) {
  const registry = new AdapterRegistry(defaults);
  for (const adapter of adapters) registry.add(adapter);
  return registry;
}

describe('AdapterRegistry routes by language', () => {
  const registry = registryOf([spanish, latin, greek]);
  const cases: readonly (readonly [tag: string | null, id: string | null])[] = [
    ['es', 'spanish@1.0.0'],
    ['ES', 'spanish@1.0.0'],
    ['es-419', 'latin@1.0.0'],
    ['ES-419', 'latin@1.0.0'],
    ['es-MX', 'spanish@1.0.0'],
    ['es-419-x-radio', 'latin@1.0.0'],
    ['el-GR', 'greek@1.0.0'],
    ['fr', null],
    [null, null],
  ];
  for (const [language, id] of cases) {
    it(`${language} to ${id ?? 'the base model'}`, () => {
      expect(registry.route({ language })?.id ?? null).toBe(id);
    });
  }

  it('to an adapter for any language where the language has none', () => {
    const any = sampleAdapter({ name: 'short-context', language: null });
    const withAny = registryOf([spanish, any]);
    expect(withAny.route({ language: 'es' })).toBe(spanish);
    expect(withAny.route({ language: 'fr' })).toBe(any);
    expect(withAny.route({ language: null })).toBe(any);
  });

  it('to the highest version, whatever the order of loading', () => {
    const versions = ['1.9.0', '1.10.0', '1.10.0-rc.1'].map((version) => sampleAdapter({ name: 'spanish', version }));
    expect(registryOf(versions).route({ language: 'es' })?.id).toBe('spanish@1.10.0');
    expect(registryOf([...versions].reverse()).route({ language: 'es' })?.id).toBe('spanish@1.10.0');
  });

  it('to the former version after the highest is removed', () => {
    const next = sampleAdapter({ name: 'spanish', version: '2.0.0' });
    const both = registryOf([spanish, next]);
    expect(both.route({ language: 'es' })).toBe(next);
    expect(both.remove(next.id)).toBe(next);
    expect(both.route({ language: 'es' })).toBe(spanish);
  });

  it('refuses a tag that is not well-formed', () => {
    expect(codeOf(() => registry.route({ language: 'es_ES' }))).toBe('language_unknown');
    expect(codeOf(() => new AdapterRegistry({ 'not a tag': 'spanish' }))).toBe('language_unknown');
  });
});

describe('AdapterRegistry with several names for one language', () => {
  const medical = sampleAdapter({ name: 'medical', language: 'es' });

  it('refuses the second one, naming both and the remedy, and keeps the first', () => {
    const registry = registryOf([spanish]);
    expect(() => registry.add(medical)).toThrow(
      /spanish and medical both serve language es; choose its default, es=spanish or es=medical/,
    );
    expect(codeOf(() => registry.add(medical))).toBe('adapter_ambiguous');
    expect(registry.list()).toEqual([spanish]);
  });

  it('gives the language its default and keeps the other for those who name it', () => {
    const registry = registryOf([spanish, medical], { es: 'medical' });
    expect(registry.route({ language: 'es' })).toBe(medical);
    expect(registry.route({ language: 'es-MX' })).toBe(medical);
    expect(registry.route({ language: 'es', adapter: 'spanish' })).toBe(spanish);
  });

  it('lets a default name a version, or an adapter for another language', () => {
    const next = sampleAdapter({ name: 'spanish', version: '2.0.0' });
    const registry = registryOf([spanish, next, greek], { ES: 'spanish@1.0.0', gl: 'spanish', '*': 'greek' });
    expect(registry.route({ language: 'es' })).toBe(spanish);
    expect(registry.route({ language: 'gl' })).toBe(next);
    expect(registry.route({ language: 'fr' })).toBe(greek);
  });

  it('refuses rows whose default is not loaded rather than give them something else', () => {
    const registry = registryOf([spanish], { es: 'medical' });
    expect(codeOf(() => registry.route({ language: 'es' }))).toBe('adapter_not_found');
    expect(codeOf(() => new AdapterRegistry({ es: 'No Name' }))).toBe('argument_invalid');
  });

  it('refuses two adapters for any language', () => {
    const registry = registryOf([sampleAdapter({ name: 'one', language: null })]);
    expect(() => registry.add(sampleAdapter({ name: 'two', language: null }))).toThrow(/both serve any language/);
  });
});

describe('AdapterRegistry routes by name', () => {
  const next = sampleAdapter({ name: 'spanish', version: '2.0.0' });
  const registry = registryOf([spanish, next, greek]);

  it('to the highest version of a name, or the version that is named', () => {
    expect(registry.route({ language: 'es', adapter: 'spanish' })).toBe(next);
    expect(registry.route({ language: 'es', adapter: 'spanish@1.0.0' })).toBe(spanish);
  });

  it('to an adapter for another language than the audio, as it was asked for', () => {
    expect(registry.route({ language: 'es', adapter: 'greek' })).toBe(greek);
    expect(registry.route({ language: null, adapter: 'greek' })).toBe(greek);
  });

  it('to the base model for null', () => {
    expect(registry.route({ language: 'es', adapter: null })).toBeNull();
  });

  it('and refuses what is not loaded, listing what is', () => {
    for (const adapter of ['french', 'spanish@3.0.0']) {
      expect(() => registry.route({ language: 'es', adapter })).toThrow(
        `Adapter ${adapter} is not loaded; loaded are greek@1.0.0, spanish@1.0.0, spanish@2.0.0.`,
      );
      expect(codeOf(() => registry.route({ language: 'es', adapter }))).toBe('adapter_not_found');
    }
    expect(() => new AdapterRegistry().route({ language: 'es', adapter: 'french' })).toThrow(/none is/);
    expect(codeOf(() => registry.route({ language: 'es', adapter: '../x' }))).toBe('argument_invalid');
    expect(codeOf(() => new AdapterRegistry().remove(spanish.id))).toBe('adapter_not_found');
  });

  it('and refuses to load a version twice, saying whether the contents differ', () => {
    expect(codeOf(() => registry.add(spanish))).toBe('adapter_exists');
    expect(() => registry.add(spanish)).toThrow(/with the same contents/);
    expect(() => registry.add(sampleAdapter({ name: 'spanish', seed: 2 }))).toThrow(/give the new one a new version/);
  });
});
