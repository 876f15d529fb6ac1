import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const manifestSchema = z.object({ name: z.string(), version: z.string() });

/** The version of this package; sources and `dist/` lie at different depths below its manifest. */
export function ownVersion(): string {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    const manifest = new URL('package.json', folder);
    if (existsSync(manifest)) {
      const { name, version } = manifestSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')));
      if (name === 'flora-asr') return version;
    }
    if (folder.pathname === new URL('../', folder).pathname) return 'unknown';
  }
}
