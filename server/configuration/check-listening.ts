import type { ApiKey } from './settings.ts';

interface Listening {
  readonly host: string;
  readonly apiKeys: readonly ApiKey[];
  readonly requireKeys: boolean;
}

const REMEDY = 'set API_KEYS to NAME:KEY, and make a key with: openssl rand -hex 24';

/** Without keys the service is for programs of its own machine only. */
export function checkListening({ host, apiKeys, requireKeys }: Listening, problems: string[]): void {
  if (apiKeys.length > 0) return;
  if (requireKeys) problems.push(`REQUIRE_KEYS is set, and there are no API keys; ${REMEDY}.`);
  if (isLoopback(host)) return;
  problems.push(
    `HOST is "${host}", which other machines may reach, and there are no API keys; ${REMEDY}; ` +
      'or leave HOST out, to serve this machine only.',
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
