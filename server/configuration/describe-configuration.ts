import type { ServerConfiguration } from './settings.ts';

/** What may be logged: everything but the keys, of which the names are told. */
export function describeConfiguration({ apiKeys, ...rest }: ServerConfiguration): Readonly<Record<string, unknown>> {
  return { ...rest, apiKeys: apiKeys.map(({ name }) => name) };
}
