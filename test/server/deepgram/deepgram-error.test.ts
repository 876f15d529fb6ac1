import type { Deepgram } from '@deepgram/sdk';
import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import {
  closingAfter,
  deepgramErrorBody,
  deepgramStatus,
  errorMessage,
  headerText,
  schemaError,
} from '../../../server/deepgram/deepgram-error.ts';
import { errorSchema } from '../../../server/deepgram/messages.ts';
import { describeError } from '../../../server/describe-error.ts';

const described = (code: FloraAsrError['code'], param?: string) =>
  describeError(new FloraAsrError(code, 'What was wrong.', param === undefined ? {} : { param }));

describe("an error in Deepgram's form", () => {
  it.each([
    ['key_unknown', undefined, 'INVALID_AUTH'],
    ['origin_forbidden', undefined, 'FORBIDDEN'],
    ['rate_limited', undefined, 'TOO_MANY_REQUESTS'],
    ['upload_too_large', undefined, 'PAYLOAD_TOO_LARGE'],
    ['starting', undefined, 'SERVICE_UNAVAILABLE'],
    ['internal', undefined, 'INTERNAL_SERVER_ERROR'],
    ['parameter_unsupported', 'redact', 'INVALID_QUERY_PARAMETER'],
    ['audio_unreadable', undefined, 'Bad Request'],
  ] as const)('%s is %s %s', (code, param, errCode) => {
    const body: Deepgram.ErrorResponseLegacyError = deepgramErrorBody(described(code, param), 'request');
    expect(body).toEqual({ err_code: errCode, err_msg: 'What was wrong.', request_id: 'request', code, param: param ?? null });
  });

  it('has Deepgram’s status for a model that is not there', () => {
    expect(deepgramStatus(described('model_not_found', 'model'))).toBe(400);
    expect(deepgramStatus(described('key_missing'))).toBe(401);
  });

  it('fits into one line of a header', () => {
    expect(headerText('Not „α“\r\nset-cookie: a')).toBe('Not ?????set-cookie: a');
  });

  it('in a stream names what was lost', () => {
    const lost = { channel: 1, startMs: 1_000, endMs: 2_500 };
    const message = errorMessage(described('engine_failed'), lost);
    expect(errorSchema.parse(message)).toEqual(message);
    expect(message).toMatchObject({ variant: 'engine_failed', channel: 1, start: 1, end: 2.5 });
    expect(schemaError('Not JSON.', 'x'.repeat(1_000))).toMatchObject({ variant: 'SchemaError', message: 'x'.repeat(200) });
  });

  it.each([
    ['stream_idle', 1011, /^NET-0001/],
    ['audio_unreadable', 1008, /^DATA-0000/],
    ['engine_failed', 1011, /^NET-0000/],
    ['draining', 1001, /shutting down/],
    ['stream_too_long', 1008, /^stream_too_long/],
  ] as const)('after %s the connection closes with %s', (code, closeCode, reason) => {
    const closing = closingAfter(described(code));
    expect(closing.code).toBe(closeCode);
    expect(closing.reason).toMatch(reason);
    expect(Buffer.byteLength(closing.reason)).toBeLessThanOrEqual(123);
  });
});
