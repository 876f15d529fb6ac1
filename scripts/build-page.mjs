// Builds the web page into dist/client/web, from which the service serves it: node scripts/build-page.mjs
import './require-node.mjs';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { ROOT } from './set-up.mjs';

const PAGE = join(ROOT, 'client', 'web');
const BUILT = join(ROOT, 'dist', 'client', 'web');
/** Holds the digest of what the page was built from. */
const MARKER = join(BUILT, '.sources');
/** What the page is made of: its own files, those it imports, and the packages. */
const SOURCES = ['client', 'server/protocol', 'scripts/build-page.mjs', 'package-lock.json'];
const COMPRESSED = ['.js', '.css', '.html', '.svg'];

const compressions = {
  '.br': (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  '.gz': (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/** Builds it unless it was built from the present sources. @returns whether it was built */
export async function buildPage() {
  const digest = await sourcesDigest();
  if ((await readFile(MARKER, 'utf8').catch(() => '')) === digest) return false;
  // it takes a moment to load, and is not needed by a page that is there
  const { build } = await import('vite');
  await build(viteConfig());
  for (const file of await filesBelow(BUILT)) if (COMPRESSED.includes(extname(file))) await compress(file);
  await writeFile(MARKER, digest);
  return true;
}

function viteConfig() {
  return {
    configFile: false,
    root: PAGE,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: BUILT,
      emptyOutDir: true,
      // the page's policy allows nothing that is not a file of the service
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  };
}

async function compress(file) {
  const bytes = await readFile(file);
  for (const [ending, compressed] of Object.entries(compressions)) await writeFile(file + ending, await compressed(bytes));
}

async function sourcesDigest() {
  const files = (await Promise.all(SOURCES.map((source) => filesBelow(join(ROOT, source))))).flat().sort(byCodeUnit);
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${relative(ROOT, file)}\0`)
      .update(await readFile(file))
      .update('\0');
  return hash.digest('hex');
}

/** The same everywhere, which a locale's order is not. */
function byCodeUnit(left, right) {
  return left < right ? -1 : 1;
}

/** A folder's files, or the file itself. */
async function filesBelow(path) {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (entries === null) return [path];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
