/**
 * The token of an `Authorization` header: of `Bearer X`, or of Deepgram's `Token X`. Any other scheme, and a header
 * that is not one token, is null: the client has sent no key that we could know.
 */
export function bearerToken(header: string | undefined): string | null {
  return header === undefined ? null : (AUTHORIZATION.exec(header)?.[1] ?? null);
}

// RFC 9110: the scheme is case-insensitive, and one or more spaces follow it
const AUTHORIZATION = /^(?:bearer|token) +(\S+) *$/i;
