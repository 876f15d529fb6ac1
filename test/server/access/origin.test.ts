import { describe, expect, it } from 'vitest';
import { originAllowed as allowed } from '../../../server/access/origin.ts';

const apiKeys = [{ name: 'captions', key: 'a-key-of-the-captions' }];

/** Of a service with keys. */
function originAllowed(origin: string | undefined, host: string | undefined, allowedOrigins: readonly string[]): boolean {
  return allowed(origin, host, { allowedOrigins: [...allowedOrigins], apiKeys });
}

describe('originAllowed', () => {
  it('lets programs in, which send no origin', () => {
    expect(originAllowed(undefined, 'asr.example', [])).toBe(true);
  });

  it("lets the service's own pages in, whatever the case, and with a port that goes without saying", () => {
    expect(originAllowed('http://127.0.0.1:8080', '127.0.0.1:8080', [])).toBe(true);
    expect(originAllowed('https://asr.example', 'ASR.example', [])).toBe(true);
    expect(originAllowed('https://asr.example', 'asr.example:443', [])).toBe(true);
  });

  it('keeps other pages out, also those of another port or of a host that begins alike', () => {
    expect(originAllowed('https://evil.example', 'asr.example', [])).toBe(false);
    expect(originAllowed('http://127.0.0.1:3000', '127.0.0.1:8080', [])).toBe(false);
    expect(originAllowed('https://asr.example.evil.example', 'asr.example', ['https://asr.example'])).toBe(false);
    expect(originAllowed('https://asr.example', undefined, [])).toBe(false);
  });

  it('lets listed pages in, by scheme, host and port', () => {
    const listed = ['https://captions.example/', 'http://localhost:3000'];
    expect(originAllowed('https://captions.example', 'asr.example', listed)).toBe(true);
    expect(originAllowed('http://localhost:3000', 'asr.example', listed)).toBe(true);
    expect(originAllowed('http://captions.example', 'asr.example', listed)).toBe(false);
    expect(originAllowed('http://localhost:3001', 'asr.example', listed)).toBe(false);
  });

  it('lets all in by *, also pages without an origin of their own, which are kept out otherwise', () => {
    expect(originAllowed('https://anyone.example', 'asr.example', ['*'])).toBe(true);
    expect(originAllowed('null', 'asr.example', ['*'])).toBe(true);
    expect(originAllowed('null', 'asr.example', ['https://captions.example'])).toBe(false);
  });

  it('keeps out what is no web origin, even where it equals the host', () => {
    expect(originAllowed('chrome-extension://asr.example', 'asr.example', [])).toBe(false);
    expect(originAllowed('file://', 'asr.example', [])).toBe(false);
  });

  it('takes a page for its own, without keys, only where it was asked for by a name of this machine', () => {
    const open = { allowedOrigins: [], apiKeys: [] };
    for (const host of ['localhost:8080', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080']) {
      expect(allowed(`http://${host}`, host, open)).toBe(true);
    }
    // a name of somebody else that was made to resolve to 127.0.0.1
    for (const host of ['evil.example:8080', 'localhost.evil.example', '127.0.0.1.evil.example']) {
      expect(allowed(`http://${host}`, host, open)).toBe(false);
    }
    expect(allowed('http://evil.example', 'evil.example', { allowedOrigins: ['http://evil.example'], apiKeys: [] })).toBe(true);
  });
});
