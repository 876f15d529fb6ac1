// Builds dist/, which runs without TypeScript: node dist/server/commands/serve.js
import './require-node.mjs';
import { spawn } from 'node:child_process';
import { cp, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { buildPage } from './build-page.mjs';
import { ROOT } from './set-up.mjs';

/** As in tsconfig.build.json. */
const FOLDERS = ['kernels', 'adapters', 'asr', 'server', 'client'];
const DIST = join(ROOT, 'dist');

// what was deleted or renamed since must not be there any more
await rm(DIST, { recursive: true, force: true });
process.exitCode = await compile();
if (process.exitCode === 0) {
  for (const folder of FOLDERS) await copyAssets(folder);
  await buildPage();
}

/** @returns tsc's exit code */
function compile() {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const child = spawn(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Pages, tables and whatever else modules read beside themselves. */
async function copyAssets(folder) {
  const from = join(ROOT, folder);
  if ((await stat(from).catch(() => null)) === null) return;
  await cp(from, join(DIST, folder), { recursive: true, filter: isAsset });
}

/** The page is built by itself. Of Markdown only model cards are read. */
function isAsset(source) {
  const path = relative(ROOT, source).split(sep).join('/');
  if (path === 'client/web') return false;
  return !/[.](ts|md)$/.test(path) || /^adapters[/]published[/].+[.]md$/.test(path);
}
