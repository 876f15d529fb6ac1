import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

interface Picture {
  readonly name: string;
  readonly options: BrowserContextOptions;
  /** until it is worth a picture */
  readonly play: (page: Page) => Promise<void>;
}

const PATIENCE_MS = 300_000;

const PICTURES: readonly Picture[] = [
  {
    name: 'page-light',
    options: { colorScheme: 'light', locale: 'es', viewport: { width: 1280, height: 1010 } },
    play: async (page) => {
      await page.getByRole('button', { name: 'languages at once' }).click();
      await page.mouse.move(4, 4);
      await page.locator('.final').nth(5).waitFor();
    },
  },
  {
    name: 'page-dark',
    options: { colorScheme: 'dark', locale: 'ro', viewport: { width: 1280, height: 600 } },
    play: async (page) => {
      await page.getByLabel('beside the base model').check();
      await page.getByRole('button', { name: 'Sample' }).click();
      await page.locator('[data-state=done]').waitFor();
      await page.locator('.word').nth(1).hover();
    },
  },
  {
    name: 'page-phone',
    options: { colorScheme: 'light', locale: 'es', viewport: { width: 375, height: 812 } },
    play: async (page) => {
      await page.getByRole('button', { name: 'Sample' }).click();
      await page.locator('.final').nth(1).waitFor();
    },
  },
];

/** What the page looks like in use, as the documentation shows it. */
export async function takePictures(
  browser: Browser,
  { url, folder }: { readonly url: string; readonly folder: string },
): Promise<void> {
  for (const { name, options, play } of PICTURES) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.goto(url);
    await play(page);
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
    await context.close();
  }
}
