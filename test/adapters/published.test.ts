import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Adapter } from '../../adapters/adapter.ts';
import { loadAdaptersFrom } from '../../adapters/load-adapters-from.ts';
import { publishedAdapters } from '../../adapters/published-folder.ts';
import { AdapterRegistry } from '../../adapters/registry.ts';
import { CATALOGUE } from '../../asr/weights/catalogue.ts';
import { parseRunRecipe } from '../../bench/training/run-recipe.ts';

const FOLDER = publishedAdapters() ?? '';
const { adapters, failures } = loadAdaptersFrom(FOLDER);
const folderOf = ({ manifest }: Adapter) => path.join(FOLDER, manifest.language ?? 'context');

describe('the published adapters', () => {
  it('are there for Bulgarian, Catalan, Greek, Romanian, Russian and Spanish, and all of them load', () => {
    expect(failures).toEqual([]);
    const languages = adapters.map(({ manifest }) => manifest.language);
    for (const language of ['bg', 'ca', 'el', 'ro', 'ru', 'es']) expect(languages).toContain(language);
  });

  it('can serve side by side: no language has two', () => {
    const registry = new AdapterRegistry();
    for (const adapter of adapters) registry.add(adapter);
    expect(registry.route({ language: 'es-MX' })?.manifest.language).toBe('es');
  });

  it.each(adapters.map((adapter) => [adapter.id, adapter] as const))(
    '%s is for the weights that are pulled, small, and says where it comes from',
    (_, adapter) => {
      const { manifest } = adapter;
      const known = CATALOGUE.find(({ name }) => name === manifest.baseModel.name);
      expect(manifest.baseModel.digest).toBe(known?.digest);
      expect(statSync(path.join(folderOf(adapter), 'adapter.safetensors')).size).toBeLessThan(2 ** 20);
      expect(parseRunRecipe(manifest.training?.recipe, adapter.id).languages).toContain(manifest.language);
      const card = readFileSync(path.join(folderOf(adapter), 'README.md'), 'utf8');
      expect(card).toContain(adapter.digest);
      expect(card).toContain(manifest.licence);
    },
  );
});
