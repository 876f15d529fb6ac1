// Runs a module of this repository, TypeScript or not: node scripts/run.mjs [--page] ENTRY [arguments]
// On a fresh clone it first installs the dependencies. The module runs in this same process, so exit
// code and signals are its own. With --page it builds the web page, if it has changed.
import './require-node.mjs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, SetUpError, setUp } from './set-up.mjs';

const withPage = process.argv[2] === '--page';
const [entry, ...args] = process.argv.slice(withPage ? 3 : 2);
if (entry === undefined) {
  process.stderr.write('Usage: node scripts/run.mjs [--page] ENTRY [arguments]\n');
  process.exit(2);
}
try {
  await setUp();
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  process.stderr.write(`flora-asr: ${error.message}\n`);
  process.exit(1);
}

if (withPage) {
  // loaded after the dependencies are there
  const { buildPage } = await import('./build-page.mjs');
  await buildPage().catch((error) => {
    process.stderr.write(`flora-asr: The web page could not be built, and is not served: ${error.message}\n`);
  });
}

const file = resolve(ROOT, entry);
if (file.endsWith('.ts')) {
  const { register } = await import('tsx/esm/api');
  register({ tsconfig: resolve(ROOT, 'tsconfig.json') });
}
process.argv.splice(1, process.argv.length - 1, file, ...args);
await import(pathToFileURL(file).href);
