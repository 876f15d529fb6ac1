import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { runProgram } from '../../asr/process/run-program.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { ServiceProcess } from './fuzz/service-process.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { countOption, readOptions } from './options.ts';
import { launchChromium } from './page/chromium.ts';
import { readFirstLoad } from './page/first-load.ts';
import { type PageFigures, pageText } from './page/page-text.ts';
import { takePictures } from './page/take-pictures.ts';

const HELP = `The web page in a real Chromium, against a service in a process of its own: what its first load weighs, how
soon it can be used, and for how long its thread is busy at a stretch (long tasks, above 50 ms) while streams in several
languages run with live captions. Needs Chromium: apt-get install chromium, or CHROMIUM names one.

Options:
  --streams N           8 if left out
  --screenshots DIR     pictures of the page are written there, as in docs/images
`;

export const page: Bench = {
  name: 'page',
  summary: 'the web page: weight, long tasks while eight streams run',
  help: HELP,
  run,
};

const optionsSchema = z.object({ streams: countOption(32).default(8), screenshots: z.string().min(1).optional() });
const BUILD = fileURLToPath(new URL('../../scripts/build-page.mjs', import.meta.url));
/** That have a sample, each played by some of the streams. */
const LANGUAGES = ['es', 'el', 'ru', 'fr', 'bg', 'ca', 'ro'];
const PATIENCE_MS = 300_000;
/** Long tasks of the page, from its first line on. */
const OBSERVER = `globalThis.longTasks = [];
new PerformanceObserver((list) => {
  for (const { duration, startTime } of list.getEntries()) longTasks.push({ duration, startTime });
}).observe({ type: 'longtask', buffered: true });`;

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const flags = { streams: { type: 'string' }, screenshots: { type: 'string' } } as const;
  const { streams, screenshots } = readOptions(args, flags, optionsSchema);
  const { env, signal, progress } = context;
  await runProgram(process.execPath, [BUILD], { signal });
  progress.note('Starting the service');
  const service = await ServiceProcess.start({ settings: {}, env, signal });
  let browser: Browser | null = null;
  try {
    browser = await launchChromium();
    const firstLoad = await readFirstLoad(browser, service.url);
    progress.note(`Playing ${streams} streams`);
    const figures: PageFigures = { ...firstLoad, ...(await playStreams(browser, { url: service.url, streams })) };
    if (screenshots !== undefined) {
      progress.note(`Taking pictures into ${screenshots}`);
      await takePictures(browser, { url: service.url, folder: screenshots });
    }
    const document = {
      bench: 'page',
      ...figures,
      chromium: browser.version(),
      versions: ourVersions(),
      machine: describeMachine(),
    };
    return { document, text: pageText(figures) };
  } finally {
    await browser?.close();
    await service.stop();
  }
}

async function playStreams(browser: Browser, { url, streams }: { readonly url: string; readonly streams: number }) {
  const context = await browser.newContext({ locale: 'es' });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.addInitScript(OBSERVER);
  await page.goto(url);
  await page.getByRole('button', { name: 'Microphone' }).waitFor();
  for (let stream = 1; stream < streams; stream += 1) await page.getByRole('button', { name: 'Add a stream' }).click();
  for (let stream = 0; stream < streams; stream += 1) {
    const language = LANGUAGES[stream % LANGUAGES.length] as string;
    await laneOf(page, stream).getByLabel('Language').selectOption(language);
  }
  const beganMs = Number(await page.evaluate('performance.now()'));
  for (let stream = 0; stream < streams; stream += 1)
    await laneOf(page, stream).getByRole('button', { name: 'Sample' }).click();
  for (let stream = 0; stream < streams; stream += 1) await laneOf(page, stream).locator('[data-state=done]').waitFor();
  const endedMs = Number(await page.evaluate('performance.now()'));
  const tasks = (await page.evaluate('longTasks')) as readonly { readonly duration: number; readonly startTime: number }[];
  const finals = await page.locator('.final').count();
  await context.close();
  const during = tasks.filter(({ startTime }) => startTime >= beganMs);
  return {
    streams,
    playedSeconds: (endedMs - beganMs) / 1000,
    finals,
    longTasksOpening: tasks.length - during.length,
    longTasks: during.length,
    longTasksAtMs: during.map(({ startTime }) => Math.round(startTime - beganMs)),
    longestTaskMs: Math.max(0, ...during.map(({ duration }) => duration)),
  };
}

function laneOf(page: Page, index: number) {
  return page.getByRole('region', { name: new RegExp(`^Stream ${index + 1},`) });
}
