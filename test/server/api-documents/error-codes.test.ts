import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, FloraAsrError } from '../../../kernels/errors.ts';
import { codesOf, documented } from '../../../server/api-documents/error-codes.ts';
import { describeError } from '../../../server/describe-error.ts';

const REST = codesOf('rest').map(({ code }) => code);
const STREAM = codesOf('stream').map(({ code }) => code);

describe('the codes that are documented', () => {
  it('have the status, the type and the retries that the service answers with', () => {
    for (const { code, ...told } of [...codesOf('rest'), ...codesOf('stream')]) {
      const { status, type, retryable } = describeError(new FloraAsrError(code, 'why'));
      expect(told).toMatchObject({ status, type, retryable });
      expect(told.meaning, code).toMatch(/\.$/);
    }
    expect(documented('rate_limited')).toMatchObject({ status: 429, type: 'rate_limit_error', retryable: true });
  });

  it('are sorted by status', () => {
    const statuses = codesOf('rest').map(({ status }) => status);
    expect(statuses).toEqual([...statuses].sort((one, other) => one - other));
    expect(statuses[0]).toBe(400);
  });

  it('belong to the protocols that have them', () => {
    expect(REST).toEqual(expect.arrayContaining(['file_missing', 'key_unknown']));
    expect(REST).not.toContain('start_missing');
    expect(STREAM).toEqual(expect.arrayContaining(['start_missing', 'key_unknown']));
    expect(STREAM).not.toContain('file_missing');
    for (const code of ['weights_corrupt', 'configuration_invalid']) expect([...REST, ...STREAM]).not.toContain(code);
  });

  it.each([
    ['server/http', REST],
    ['server/sockets', STREAM],
    ['server/stream', STREAM],
    ['server/access', [...REST, ...STREAM]],
  ] as const)('are all that %s throws', (folder, codes) => {
    const thrown = thrownIn(folder);
    expect(thrown.length).toBeGreaterThan(1);
    // a client that has gone reads no answer
    expect(codes).toEqual(expect.arrayContaining(thrown.filter((code) => code !== 'cancelled')));
  });
});

function thrownIn(folder: string): readonly ErrorCode[] {
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const codes = sources.flatMap((name) => {
    const source = readFileSync(path.join(folder, name), 'utf8');
    return [...source.matchAll(/new FloraAsrError\(\s*'([a-z_]+)'/g)].map(([, code]) => code as ErrorCode);
  });
  return [...new Set(codes)];
}
