import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ServerConfiguration } from './settings.ts';

/** Both files or neither, and such that a server can start with them. */
export function checkTls(
  { tlsCert, tlsKey }: { readonly tlsCert: string | undefined; readonly tlsKey: string | undefined },
  problems: string[],
): ServerConfiguration['tls'] {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) {
    const [set, missing] = tlsCert === undefined ? ['TLS_KEY', 'TLS_CERT'] : ['TLS_CERT', 'TLS_KEY'];
    problems.push(`${set} is set and ${missing} is not; https needs both.`);
    return null;
  }
  const cert = read('TLS_CERT', tlsCert, problems);
  const key = read('TLS_KEY', tlsKey, problems);
  if (cert === null || key === null) return null;
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    problems.push(`TLS_CERT "${tlsCert}" and TLS_KEY "${tlsKey}" cannot be used together: ${(cause as Error).message}.`);
  }
  return { certPath: tlsCert, keyPath: tlsKey };
}

function read(variable: string, file: string, problems: string[]): Buffer | null {
  try {
    return readFileSync(file);
  } catch (cause) {
    problems.push(`${variable} is "${file}", which cannot be read: ${(cause as Error).message}.`);
    return null;
  }
}
