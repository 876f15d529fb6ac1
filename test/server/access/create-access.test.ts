import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAccess } from '../../../server/access/create-access.ts';
import { describeError } from '../../../server/describe-error.ts';

const UNLIMITED = {
  ratePerMinute: 1_000,
  maxRequests: 1_000,
  maxRequestsPerKey: 1_000,
  maxStreams: 1_000,
  maxStreamsPerKey: 1_000,
};
const KEYS = [
  { name: 'captions', key: 'c'.repeat(20) },
  { name: 'archive', key: 'a'.repeat(24) },
];
const captions = { name: 'captions' };
const archive = { name: 'archive' };

describe('identify', () => {
  it('tells whose key it is', () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: KEYS });
    expect(access.identify('c'.repeat(20))).toEqual(captions);
    expect(access.identify('a'.repeat(24))).toEqual(archive);
  });

  it('refuses a missing key and an unknown one by different codes, and repeats neither', () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: KEYS });
    expect(() => access.identify(null)).toThrow(expect.objectContaining({ code: 'key_missing' }));
    const unknown = 'c'.repeat(19);
    expect(() => access.identify(unknown)).toThrow(
      expect.objectContaining({ code: 'key_unknown', message: expect.not.stringContaining(unknown) }),
    );
    expect(() => access.identify('')).toThrow(expect.objectContaining({ code: 'key_unknown' }));
  });

  it('takes all for one client where there are no keys', () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: [] });
    expect(access.identify(null)).toEqual({ name: 'anonymous' });
    expect(access.identify('sk-whatever')).toEqual({ name: 'anonymous' });
  });
});

describe('what goes on at once', () => {
  it('is limited for each key, and given back', async () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: KEYS, maxRequestsPerKey: 2 });
    const release = await access.admitRequest(captions);
    await access.admitRequest(captions);
    await expect(access.admitRequest(captions)).rejects.toMatchObject({
      code: 'too_many_requests',
      message: expect.stringMatching(/^2 requests are being answered of captions .*MAX_REQUESTS_PER_KEY/),
    });
    await access.admitRequest(archive);
    release();
    await access.admitRequest(captions);
  });

  it('is limited in all', async () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: KEYS, maxStreams: 2 });
    const release = await access.admitStream(captions);
    await access.admitStream(captions);
    await expect(access.admitStream(archive)).rejects.toMatchObject({
      code: 'too_many_streams',
      message: expect.stringMatching(/^2 streams are open of all clients .*MAX_STREAMS\)/),
    });
    release();
    await access.admitStream(archive);
  });

  it('is given back once, however often release is called', async () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: KEYS, maxStreams: 2 });
    const release = await access.admitStream(captions);
    await access.admitStream(captions);
    release();
    release();
    await access.admitStream(captions);
    await expect(access.admitStream(captions)).rejects.toMatchObject({ code: 'too_many_streams' });
  });

  it('is not shared between requests and streams', async () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: KEYS, maxStreams: 1, maxRequests: 1 });
    await access.admitStream(captions);
    await access.admitRequest(captions);
    await expect(access.admitStream(captions)).rejects.toMatchObject({ code: 'too_many_streams' });
  });

  it('is never exceeded by requests that come together', async () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: KEYS, maxRequests: 3 });
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => access.admitRequest(captions)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });
});

describe('the rate', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('counts requests and new streams of a key in a minute, and says how long to wait', async () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: KEYS, ratePerMinute: 2 });
    (await access.admitRequest(captions))();
    vi.advanceTimersByTime(20_000);
    (await access.admitStream(captions))();
    const refusal: unknown = await access.admitRequest(captions).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'rate_limited', retryable: true, message: expect.stringContaining('in 40 s') });
    expect(describeError(refusal)).toMatchObject({ status: 429, type: 'rate_limit_error', retryAfterMs: 40_000 });
    await access.admitRequest(archive);
    vi.advanceTimersByTime(40_000);
    await access.admitRequest(captions);
  });

  it('holds nothing of the limits when it refuses', async () => {
    const access = createAccess({ ...UNLIMITED, apiKeys: KEYS, ratePerMinute: 1, maxStreams: 1 });
    (await access.admitStream(captions))();
    await expect(access.admitStream(captions)).rejects.toMatchObject({ code: 'rate_limited' });
    await access.admitStream(archive);
  });
});

it('says no time to wait where none is known', () => {
  const access = createAccess({ ...UNLIMITED, apiKeys: KEYS });
  expect.assertions(1);
  try {
    access.identify(null);
  } catch (error) {
    expect(describeError(error)).toMatchObject({ status: 401, type: 'authentication_error', retryAfterMs: null });
  }
});
