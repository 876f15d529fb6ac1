import type { Browser } from 'playwright-core';

export interface FirstLoad {
  /** of everything that is fetched until it can be used, compressed, with the answers' heads */
  readonly firstLoadBytes: number;
  readonly firstLoadFiles: number;
  /** from the request until the first stream can be started */
  readonly usableMs: number;
}

/** Loads the page into a browser that has never seen it. What it asks the service is not counted, but what it is made of. */
export async function readFirstLoad(browser: Browser, url: string): Promise<FirstLoad> {
  const context = await browser.newContext({ locale: 'es' });
  try {
    const page = await context.newPage();
    const sizes: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      if (/\/(v1|health)\//.test(request.url())) return;
      sizes.push(request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize));
    });
    const begun = performance.now();
    await page.goto(url);
    await page.getByRole('button', { name: 'Microphone' }).waitFor();
    const usableMs = performance.now() - begun;
    await page.evaluate('document.fonts.ready.then(() => null)');
    const bytes = await Promise.all(sizes);
    return { firstLoadBytes: bytes.reduce((sum, size) => sum + size, 0), firstLoadFiles: bytes.length, usableMs };
  } finally {
    await context.close();
  }
}
