/**
 * Whether a page of this origin may call the service. Programs send no origin, and may; keys are what holds them off.
 * @param origin the `Origin` header
 * @param host the `Host` header: the service's own pages have it in their origin
 * @param allowedOrigins `https://captions.example`, …; `*` allows all
 */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowedOrigins: readonly string[],
): boolean {
  if (origin === undefined || allowedOrigins.includes('*')) return true;
  const page = webAddress(origin);
  if (page === null) return false; // `null`, as sandboxed pages and files send it
  if (host !== undefined && webAddress(`${page.protocol}//${host}`)?.host === page.host) return true;
  return allowedOrigins.some((allowed) => webAddress(allowed)?.origin === page.origin);
}

/** Parsed, so that upper case and a port that goes without saying make no difference. */
function webAddress(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : null;
}
