import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { asyncapiDocument } from '../../../server/api-documents/asyncapi-document.ts';
import { createDocsRouter } from '../../../server/api-documents/docs-router.ts';
import { openapiDocument } from '../../../server/api-documents/openapi-document.ts';
import { httpServers } from '../../support/serve-http.ts';
import { createTestService } from '../../support/test-service.ts';

const serve = httpServers();
const PAGES = ['/docs', '/docs/rest/', '/docs/stream/'];

/** A service with keys: documentation wants none. */
async function serveDocs(): Promise<URL> {
  const configuration = { apiKeys: [{ name: 'captions', key: 'k'.repeat(24) }] };
  return serve(createTestService({ configuration }), { routes: [createDocsRouter()] });
}

/** Everything that a browser loads or links to. */
function addressesIn(page: string): string[] {
  return [...page.matchAll(/\s(?:src|href|action|data)\s*=\s*"([^"]*)"/g)].flatMap(([, address]) => address ?? []);
}

describe('/docs', () => {
  it.each(PAGES)('%s is a page, without a script in it and without a style in its elements', async (path) => {
    const answer = await fetch(new URL(path, await serveDocs()));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await answer.text();
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    // what the policy of the service refuses would not work
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'self'/);
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|javascript:|<style|\sstyle=|<base|<iframe/i);
  });

  it.each(PAGES)('%s loads and links to nothing but what this service has', async (path) => {
    const url = await serveDocs();
    const addresses = addressesIn(await (await fetch(new URL(path, url))).text()).filter((address) => !address.startsWith('#'));
    expect(addresses.length).toBeGreaterThan(2);
    for (const address of addresses) {
      expect(address, 'of the same origin').toMatch(/^\/(?!\/)/);
      const answer = await fetch(new URL(address, url));
      expect(answer.status, address).toBe(200);
      const type = answer.headers.get('content-type');
      if (address.endsWith('.js')) expect(type, address).toMatch(/^(text|application)\/javascript/);
      if (address.endsWith('.css')) expect(type, address).toMatch(/^text\/css/);
      expect((await answer.arrayBuffer()).byteLength, address).toBeGreaterThan(10);
    }
  });

  it.each(['docs.css', 'swagger-ui.css'])('%s loads nothing from elsewhere', async (name) => {
    const style = await (await fetch(new URL(`/docs/assets/${name}`, await serveDocs()))).text();
    expect(style).not.toMatch(/@import|url\(\s*["']?(?!data:|["']?data:)/);
  });

  it('starts Swagger with our document, and asks nobody whether it is valid', async () => {
    const url = await serveDocs();
    const script = await (await fetch(new URL('/docs/assets/swagger-initializer.js', url))).text();
    let options: unknown;
    // as a browser runs it, with a Swagger that only notes what it is given
    const SwaggerUIBundle = (given: unknown) => {
      options = given;
    };
    runInNewContext(script, { SwaggerUIBundle });
    expect(options).toMatchObject({ url: '/docs/openapi.json', dom_id: '#swagger-ui', validatorUrl: null });
    expect(await (await fetch(new URL('/docs/rest/', url))).text()).toContain('id="swagger-ui"');
  });

  it('has both documents', async () => {
    const url = await serveDocs();
    const openapi = await fetch(new URL('/docs/openapi.json', url));
    expect(openapi.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await openapi.json()).toEqual(JSON.parse(JSON.stringify(openapiDocument())));
    const asyncapi = await fetch(new URL('/docs/asyncapi.json', url));
    expect(await asyncapi.json()).toEqual(JSON.parse(JSON.stringify(asyncapiDocument())));
  });

  it('shows every message, field, example and code of streams', async () => {
    const page = await (await fetch(new URL('/docs/stream/', await serveDocs()))).text();
    const text = page
      .replace(/<[^>]+>/g, ' ')
      .replace(/&quot;/g, '"')
      .replace(/&#39;/g, "'")
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&amp;/g, '&');
    const document = asyncapiDocument();
    for (const { name, payload, examples } of Object.values(document.components.messages)) {
      expect(page).toContain(`<article id="${name}">`);
      for (const field of Object.keys(payload.properties ?? {})) expect(text).toContain(` ${field} `);
      for (const example of examples) expect(text).toContain(JSON.stringify(example.payload, null, 2));
    }
    for (const { code, status } of document['x-error-codes']) expect(text).toMatch(new RegExp(`\\s${code}\\s+${status}\\s`));
    for (const { code } of document['x-close-codes']) expect(page).toContain(`<code>${code}</code>`);
  });

  it('has links within the page that lead somewhere', async () => {
    const page = await (await fetch(new URL('/docs/stream/', await serveDocs()))).text();
    const anchors = addressesIn(page).filter((address) => address.startsWith('#'));
    expect(anchors.length).toBeGreaterThan(10);
    for (const anchor of anchors) expect(page, anchor).toContain(`id="${anchor.slice(1)}"`);
  });

  it.each([
    'nothing.js',
    '..%2f..%2fpackage.json',
    '%2e%2e%2fdocs-router.ts',
    'swagger-ui-bundle.js.map',
    '__proto__',
    'a%00b',
  ])('has no file %s', async (name) => {
    const answer = await fetch(new URL(`/docs/assets/${name}`, await serveDocs()));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 'route_not_found' } });
  });

  it('is read, and not written', async () => {
    const url = await serveDocs();
    expect((await fetch(new URL('/docs', url), { method: 'POST' })).status).toBe(405);
    const head = await fetch(new URL('/docs/assets/docs.css', url), { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('cache-control')).toMatch(/max-age=3600/);
  });
});
