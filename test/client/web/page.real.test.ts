import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waveOf } from '../../../bench/benches/fuzz/material.ts';
import { launchChromium } from '../../../bench/benches/page/chromium.ts';
import { readFirstLoad } from '../../../bench/benches/page/first-load.ts';
import { normaliseText } from '../../../bench/metrics/normalise.ts';
import { errorRatePercent, wordErrors } from '../../../bench/metrics/wer.ts';
import { sentRecordings } from '../../server/reliability/recordings.ts';
import { type CutProxy, cutProxy } from './cut-proxy.ts';
import { type PageServices, pageServices } from './page-service.ts';

const PATIENCE_MS = 150_000;
const MOST_FIRST_LOAD_BYTES = 150_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SAMPLES = { es: 'client/web/public/samples/es.ogg' };

let folder: string;
let services: PageServices;
let address: string;
let browser: Browser;
let spanish: Int16Array;
/** What the pages of a test complained of. */
const complaints: string[] = [];
const requested: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'flora-asr-page-'));
  const recording = (await sentRecordings()).find(({ language }) => language === 'es');
  spanish = recording?.samples ?? new Int16Array();
  const microphone = path.join(folder, 'microphone.wav');
  const pause = new Int16Array(24_000);
  writeFileSync(microphone, waveOf(Int16Array.from([...pause, ...spanish, ...pause])));
  services = await pageServices();
  address = (await services.start()).url;
  browser = await launchChromium({ microphone });
});

afterAll(async () => {
  await browser?.close();
  await services?.close();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(complaints.splice(0)).toEqual([]);
  // nothing but the service, whatever happened
  const others = requested.splice(0).filter((url) => !/^(https?|ws):\/\/127\.0\.0\.1:/.test(url) && !url.startsWith('blob:'));
  expect(others).toEqual([]);
});

/** The page, when it can be used. */
async function openPage(url = address, options: BrowserContextOptions = {}, from = browser): Promise<Page> {
  const context = await from.newContext({ locale: 'es', colorScheme: 'light', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => requested.push(request.url()));
  await page.goto(url);
  return page;
}

async function finalsOf(page: Page, list: string | RegExp): Promise<readonly string[]> {
  return page.getByRole('list', { name: list }).locator('.final p').allTextContents();
}

async function untilFinals(page: Page, list: string | RegExp, count: number): Promise<readonly string[]> {
  await expect.poll(async () => (await finalsOf(page, list)).length, { timeout: PATIENCE_MS }).toBeGreaterThanOrEqual(count);
  return finalsOf(page, list);
}

async function untilDone(page: Page): Promise<void> {
  await page.locator('.progress[data-state=done]').first().waitFor();
}

describe('captions of a microphone', () => {
  it('appear while it is spoken, and turn final', async () => {
    const page = await openPage();
    await page.getByRole('button', { name: 'Microphone' }).click();
    await page.locator('.partial p').first().waitFor();
    const finals = await untilFinals(page, 'Captions of stream 1', 2);
    expect(finals.join(' ')).toMatch(/enfermera|mujer|sombrero/i);
    await page.getByRole('button', { name: 'Stop' }).click();
    await untilDone(page);
    const final = page.locator('.final p').first();
    expect([await final.getAttribute('lang'), await final.getAttribute('dir')]).toEqual(['es', 'auto']);
    expect(await page.locator('.read-out').textContent()).toMatch(
      /^es-tuxpaint 1\.1\.0 · first words after [\d.]+ s · final [\d.]+ s/,
    );
    // a screen reader hears finals, and only those
    expect((await finalsOf(page, 'Captions of stream 1')).at(-1)).toBe(await page.getByTestId('announcer').textContent());
    expect(await page.locator('[aria-live]').count()).toBe(1);
  });

  it('tell when each word was said, to those who point at it and to those who go there by keys', async () => {
    const page = await openPage();
    await page.getByRole('button', { name: 'Sample' }).click();
    await untilFinals(page, 'Captions of stream 1', 1);
    await page.locator('.word').nth(1).hover();
    const readOut = page.locator('.read-out');
    await expect.poll(() => readOut.textContent()).toMatch(/^“.+” · \d+\.\d\d to \d+\.\d\d s · \d+ % sure$/);
    await page.locator('.word').first().focus();
    const first = await readOut.textContent();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => readOut.textContent()).not.toBe(first);
    await untilDone(page);
  });

  it('are refused with a reason where there is no microphone', async () => {
    const deaf = await launchChromium();
    try {
      const page = await openPage(address, {}, deaf);
      await page.getByRole('button', { name: 'Microphone' }).click();
      await expect.poll(() => page.getByRole('alert').textContent(), { timeout: PATIENCE_MS }).toContain('microphone');
      // and the stream can be used all the same
      await page.getByRole('button', { name: 'Sample' }).click();
      await untilFinals(page, 'Captions of stream 1', 1);
      await page.context().close();
    } finally {
      await deaf.close();
    }
  });
});

describe('several streams', () => {
  it('in several languages at once have their own words, from batches that they share', async () => {
    const page = await openPage();
    await page.getByRole('button', { name: 'Play 4 languages at once' }).click();
    for (const stream of [1, 2, 3, 4]) await untilFinals(page, `Captions of stream ${stream}`, 2);
    const languages = await page
      .locator('.final p')
      .evaluateAll((all) => all.map((paragraph) => paragraph.getAttribute('lang')));
    expect(new Set(languages)).toEqual(new Set(['es', 'el', 'ru', 'fr']));
    expect((await finalsOf(page, 'Captions of stream 2')).join('')).toMatch(/\p{Script=Greek}/u);
    expect((await finalsOf(page, 'Captions of stream 3')).join('')).toMatch(/\p{Script=Cyrillic}/u);
    const live = (await (await fetch(`${address}/v1/live`)).json()) as {
      totals: { encoder_mixed_runs: number; decoder_mixed_steps: number };
    };
    expect(live.totals.encoder_mixed_runs + live.totals.decoder_mixed_steps).toBeGreaterThan(0);
    expect(await page.getByRole('img', { name: /The last run of the encoder: .*tuxpaint@1\.1\.0/ }).count()).toBe(1);
    for (const language of ['Spanish', 'Greek', 'Russian', 'French'])
      expect(await page.locator('.legend').textContent()).toContain(language);
  });

  it('compare an adapter with the base model, on the same audio', async () => {
    const page = await openPage();
    await page.getByLabel('Language').selectOption('ro');
    await page.getByLabel('beside the base model').check();
    await page.getByRole('button', { name: 'Sample' }).click();
    await untilDone(page);
    const adapted = await untilFinals(page, 'Captions of stream 1', 2);
    const base = await untilFinals(page, 'Captions of stream 1, base model', 1);
    expect(adapted.join(' ')).not.toBe(base.join(' '));
    const readOuts = await page.locator('.read-out').allTextContents();
    expect([readOuts[0]?.startsWith('ro-tuxpaint 1.1.0'), readOuts[1]?.startsWith('base model')]).toEqual([true, true]);
  });
});

describe('recordings', () => {
  it('that are chosen go as fast as they are recognised, and their captions can be taken along', async () => {
    const page = await openPage();
    await page.getByLabel('send recordings as fast').check();
    await page.locator('input[type=file]').setInputFiles(SAMPLES.es);
    await untilDone(page);
    const finals = await untilFinals(page, 'Captions of stream 1', 3);
    const saved = async (name: string): Promise<string> => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name, exact: true }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`es.es.${name.toLowerCase()}`);
      return readFileSync(await download.path(), 'utf8');
    };
    const [srt, vtt, txt, json] = [await saved('SRT'), await saved('VTT'), await saved('TXT'), await saved('JSON')];
    expect(txt).toBe(`${finals.join('\n')}\n`);
    expect(srt).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n/);
    expect(srt.match(/ --> /g)).toHaveLength(finals.length);
    expect(vtt).toMatch(/^WEBVTT\n\n00:00:0\d\.\d{3} --> /);
    const document = JSON.parse(json) as { stream: { language: string }; finals: { text: string; words: unknown[] }[] };
    expect(document.stream.language).toBe('es');
    expect(document.finals.map(({ text }) => text)).toEqual(finals);
    expect(document.finals[0]?.words.length).toBeGreaterThan(0);
  });

  it('that are none are refused by name', async () => {
    const page = await openPage();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no audio') });
    await expect.poll(() => page.getByRole('alert').textContent(), { timeout: PATIENCE_MS }).toContain('notes.txt is no audio');
  });
});

describe('the service', () => {
  let proxy: CutProxy;
  afterEach(async () => proxy?.close());

  it('whose connection is lost in mid-stream is gone on with, and no word is lost', async () => {
    proxy = await cutProxy(new URL(address));
    const page = await openPage(proxy.url);
    await page.getByRole('button', { name: 'Sample' }).click();
    await untilFinals(page, 'Captions of stream 1', 1);
    proxy.open = false;
    proxy.cut();
    await page.getByText('The connection was lost. It is being resumed').waitFor();
    proxy.open = true;
    await untilDone(page);
    const resumed = await untilFinals(page, 'Captions of stream 1', 3);
    const unbroken = await openPage();
    await unbroken.getByRole('button', { name: 'Sample' }).click();
    await untilDone(unbroken);
    const finals = await untilFinals(unbroken, 'Captions of stream 1', 3);
    expect(resumed).toHaveLength(finals.length);
    // which words were kept while they were spoken depends on when they were looked at, and so may a word be another
    const spoken = (texts: readonly string[]) => normaliseText(texts.join(' '));
    expect(errorRatePercent(wordErrors(spoken(finals), spoken(resumed)))).toBeLessThan(25);
  });

  it('that is gone is waited for, and used again when it is there', async () => {
    proxy = await cutProxy(new URL(address));
    const page = await openPage(proxy.url);
    await page.getByRole('button', { name: 'Microphone' }).waitFor();
    proxy.open = false;
    proxy.cut();
    await page.getByText('The service does not answer.').waitFor();
    proxy.open = true;
    await page.getByText('The service does not answer.').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Sample' }).click();
    await untilFinals(page, 'Captions of stream 1', 1);
  });

  it('with keys is opened with one, which this tab keeps', async () => {
    const key = 'k'.repeat(24);
    const { url } = await services.start({ apiKeys: [{ name: 'captions', key }] });
    const page = await openPage(url);
    await page.getByLabel('API key').fill('n'.repeat(24));
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('not one of this service').waitFor();
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByRole('button', { name: 'Sample' }).click();
    await untilFinals(page, 'Captions of stream 1', 1);
    expect(await page.evaluate('[sessionStorage.length, localStorage.length]')).toEqual([1, 0]);
    await page.reload();
    await page.getByRole('button', { name: 'Sample' }).waitFor();
  });
});

describe('the page', () => {
  const LOOKS = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['a phone', { colorScheme: 'light', viewport: { width: 375, height: 720 }, isMobile: true, hasTouch: true }],
  ] as const satisfies readonly (readonly [string, BrowserContextOptions])[];

  it.each(LOOKS)('is accessible: %s', async (_name, options) => {
    const page = await openPage(address, options);
    await page.getByLabel('beside the base model').check();
    await page.getByLabel('send recordings as fast').check();
    await page.getByRole('button', { name: 'Sample' }).click();
    await untilDone(page);
    await untilFinals(page, 'Captions of stream 1', 2);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.getByRole('button', { name: 'Model card of el-tuxpaint@1.1.0' }).click();
    await page.getByRole('dialog').getByRole('heading', { name: 'el-tuxpaint 1.1.0' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('has a theme that can be chosen, and is remembered', async () => {
    const page = await openPage();
    const theme = () => page.evaluate('document.documentElement.dataset.theme');
    expect(await theme()).toBe('light');
    await page.getByRole('button', { name: 'Dark theme' }).click();
    expect(await theme()).toBe('dark');
    await page.reload();
    await page.getByRole('button', { name: 'Light theme' }).waitFor();
    expect(await theme()).toBe('dark');
  });

  it('weighs little when it is first loaded', async () => {
    const { firstLoadBytes, firstLoadFiles } = await readFirstLoad(browser, address);
    // page, script, style, icon or typeface
    expect(firstLoadFiles).toBeGreaterThanOrEqual(4);
    expect(firstLoadBytes).toBeGreaterThan(20_000);
    expect(firstLoadBytes).toBeLessThan(MOST_FIRST_LOAD_BYTES);
  });
});

/** What axe finds wrong, with where. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const results = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    return axe.run({ resultTypes: ['violations'] });
  });
  // it has looked at all
  expect(results.passes.length).toBeGreaterThan(15);
  return results.violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} (${target.join(' ')})`));
}
