import type { ServerConfiguration } from '../configuration/settings.ts';

/** Names of this machine, to itself. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Whether a page of this origin may call the service. Programs send no origin, and may; keys are what holds them off.
 *
 * The service's own pages may: those whose origin has the host that was asked for. Without keys that host must be a
 * name of this machine. Else a page of any site could have its own name resolve to 127.0.0.1, and would be taken for ours.
 * @param origin the `Origin` header
 * @param host the `Host` header
 */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  { allowedOrigins, apiKeys }: Pick<ServerConfiguration, 'allowedOrigins' | 'apiKeys'>,
): boolean {
  if (origin === undefined || allowedOrigins.includes('*')) return true;
  const page = webAddress(origin);
  if (page === null) return false; // `null`, as sandboxed pages and files send it
  const asked = host === undefined ? null : webAddress(`${page.protocol}//${host}`);
  if (asked?.host === page.host && (apiKeys.length > 0 || LOOPBACK.test(asked.hostname))) return true;
  return allowedOrigins.some((allowed) => webAddress(allowed)?.origin === page.origin);
}

/** Parsed, so that upper case and a port that goes without saying make no difference. */
function webAddress(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : null;
}
