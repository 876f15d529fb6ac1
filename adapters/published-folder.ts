import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('./published', import.meta.url));

/** Where the adapters lie that come with the project; null where there are none. */
export function publishedAdapters(): string | null {
  return existsSync(FOLDER) ? FOLDER : null;
}
