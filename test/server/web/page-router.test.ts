import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createPageRouter } from '../../../server/web/page-router.ts';
import { httpServers } from '../../support/serve-http.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { createTestService } from '../../support/test-service.ts';

const serve = httpServers();
const folder = temporaryFolders();
const INDEX = '<!doctype html>\n<title>page</title>\n';
const SCRIPT = 'export const words = 1;\n'.repeat(20);

/** A page as Vite leaves it, and a service with keys: the page wants none. */
async function servePage(): Promise<URL> {
  const page = folder();
  await mkdir(path.join(page, 'assets'));
  await mkdir(path.join(page, 'samples'));
  await writeFile(path.join(page, 'index.html'), INDEX);
  await writeFile(path.join(page, 'assets', 'index-1a2b.js'), SCRIPT);
  await writeFile(path.join(page, 'assets', 'index-1a2b.js.br'), brotliCompressSync(SCRIPT));
  await writeFile(path.join(page, 'assets', 'index-1a2b.js.gz'), gzipSync(SCRIPT));
  await writeFile(path.join(page, 'samples', 'COPYING'), 'a licence');
  await writeFile(path.join(page, '.digest'), 'of its sources');
  const configuration = { apiKeys: [{ name: 'captions', key: 'k'.repeat(24) }] };
  return serve(createTestService({ configuration }), { routes: [createPageRouter(page)] });
}

describe('the page', () => {
  it('is asked for again each time, and its parts are kept for ever', async () => {
    const url = await servePage();
    const index = await fetch(url);
    expect([index.status, index.headers.get('content-type'), await index.text()]).toEqual([
      200,
      'text/html; charset=utf-8',
      INDEX,
    ]);
    expect(index.headers.get('cache-control')).toBe('no-cache');
    const script = await fetch(new URL('/assets/index-1a2b.js', url));
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const licence = await fetch(new URL('/samples/COPYING', url));
    expect([licence.headers.get('content-type'), await licence.text()]).toEqual(['text/plain; charset=utf-8', 'a licence']);
  });

  it.each(['br', 'gzip', 'identity'])('comes as a client takes it: %s', async (encoding) => {
    const answer = await fetch(new URL('/assets/index-1a2b.js', await servePage()), {
      headers: { 'accept-encoding': encoding },
    });
    expect(answer.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding);
    expect(answer.headers.get('vary')).toContain('accept-encoding');
    expect(await answer.text()).toBe(SCRIPT);
  });

  it('may run and show nothing but what comes from this service', async () => {
    const policy = (await fetch(await servePage())).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    // recordings that it plays from memory
    const playing = "media-src 'self' blob:";
    expect(policy).toContain(playing);
    expect(policy?.replace(playing, '')).not.toMatch(/unsafe|https?:|blob:|\*/);
  });

  it.each([
    '/assets/other.js',
    '/assets/..%2Findex.html',
    '/samples/..%2F..%2Fpackage.json',
    '/assets/index-1a2b.js.br',
    '/.digest',
  ])('has nothing at %s', async (address) => {
    const answer = await fetch(new URL(address, await servePage()));
    expect(answer.status).toBe(404);
  });

  it('that has not been built sends people to the documentation', async () => {
    const url = await serve(createTestService(), { routes: [createPageRouter(folder())] });
    const answer = await fetch(url, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs']);
  });
});
