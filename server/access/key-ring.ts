import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../configuration/settings.ts';
import type { Client } from './access.ts';

/**
 * Finds whose key a token is. Digests are compared, as they have one length, and with all keys, so that the time taken
 * tells nothing about the keys.
 */
export function keyRing(keys: readonly ApiKey[]): (token: string) => Client | null {
  const known = keys.map(({ name, key }) => ({ client: { name }, digest: sha256(key) }));
  return (token) => {
    const digest = sha256(token);
    let found: Client | null = null;
    for (const entry of known) {
      if (timingSafeEqual(entry.digest, digest)) found = entry.client;
    }
    return found;
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
