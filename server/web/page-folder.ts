import { fileURLToPath } from 'node:url';

/** Where the built page lies: beside the built service, and in `dist/` of a service that runs from its sources. */
export function pageFolder(): string {
  const built = import.meta.url.endsWith('.ts') ? '../../dist/client/web/' : '../../client/web/';
  return fileURLToPath(new URL(built, import.meta.url));
}
