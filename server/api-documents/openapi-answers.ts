import type { ErrorCode } from '../../kernels/errors.ts';
import { documented } from './error-codes.ts';
import { errorExample } from './rest-examples.ts';

/** What any request with a key may be answered. */
export const ANY_REQUEST: readonly ErrorCode[] = ['key_missing', 'key_unknown', 'internal'];
export const NEEDS_MODEL: readonly ErrorCode[] = [...ANY_REQUEST, 'starting', 'draining', 'engine_closed'];

/** A success, in JSON. */
export function answer(description: string, schema: string, example: unknown) {
  return {
    description,
    headers: requestIdHeader(),
    content: { 'application/json': { schema: schemaOf(schema), example } },
  };
}

/** An answer for each status that these codes have. */
export function failures(codes: readonly ErrorCode[]) {
  const all = codes.map(documented);
  const statuses = [...new Set(all.map(({ status }) => status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const meanings = all.filter((code) => code.status === status).map(({ code, meaning }) => `- \`${code}\`: ${meaning}`);
      const headers = {
        ...requestIdHeader(),
        'x-should-retry': headerOf('x-should-retry'),
        ...((status === 429 || status === 503) && { 'retry-after': headerOf('retry-after') }),
      };
      const example = status === 400 ? { example: errorExample } : {};
      const content = { 'application/json': { schema: schemaOf('Error'), ...example } };
      return [status, { description: meanings.join('\n'), headers, content }];
    }),
  );
}

export function requestIdHeader() {
  return { 'x-request-id': headerOf('x-request-id') };
}

function headerOf(name: string) {
  return { $ref: `#/components/headers/${name}` };
}

export function schemaOf(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}
