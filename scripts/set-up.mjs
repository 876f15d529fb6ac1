import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const LOCK_FILE = join(ROOT, 'package-lock.json');
/** Holds the digest of the lock file that node_modules was installed from. */
const MARKER = join(ROOT, 'node_modules', '.flora-asr-set-up');
/** There while a process installs. Its owner touches it every second; one left by a killed process goes stale. */
const INSTALLING = join(ROOT, '.installing');
const TOUCH_MS = 1_000;
const STALE_MS = 10_000;

/**
 * Installs the dependencies unless node_modules was installed from the present lock file. Speaks on
 * stderr only: stdout belongs to the command that follows. Of several processes one installs, and the
 * others wait for it.
 */
export async function setUp() {
  const digest = createHash('sha256')
    .update(await readFile(LOCK_FILE))
    .digest('hex');
  if (await isInstalled(digest)) return;
  const release = await claim();
  try {
    if (await isInstalled(digest)) return;
    say('Installing the dependencies into node_modules. This is done once and takes about a minute.');
    await install();
    await writeFile(MARKER, digest);
  } finally {
    await release();
  }
}

async function isInstalled(digest) {
  return (await readFile(MARKER, 'utf8').catch(() => '')) === digest;
}

/** @returns what gives the claim back */
async function claim() {
  for (let waited = false; ; waited = true) {
    try {
      await mkdir(INSTALLING);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw new SetUpError(`Cannot write to ${ROOT}: ${error.message}`);
    }
    if (!waited) say('Another process is installing the dependencies; waiting for it.');
    await sleep(250);
    const touched = await stat(INSTALLING).catch(() => null);
    if (touched !== null && Date.now() - touched.mtimeMs > STALE_MS) await giveUp();
  }
  const touching = setInterval(() => void utimes(INSTALLING, new Date(), new Date()).catch(() => undefined), TOUCH_MS);
  return async () => {
    clearInterval(touching);
    await giveUp();
  };
}

function giveUp() {
  return rmdir(INSTALLING).catch(() => undefined);
}

/** `npm ci` would refuse a lock file without other platforms' optional packages, as some registries' mirrors make it. */
async function install() {
  const args = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const npm = npmCommand();
  const child = spawn(npm.program, [...npm.args, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2], shell: npm.shell });
  const signals = ['SIGINT', 'SIGTERM'];
  let received = null;
  const forward = (signal) => {
    received = signal;
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : `npm ended with ${signal ?? `exit code ${code}`}`));
  });
  for (const signal of signals) process.off(signal, forward);
  if (received !== null) throw new SetUpError('The installation was interrupted; the next command goes on with it.');
  if (outcome !== null) throw new SetUpError(`The dependencies could not be installed: ${outcome}. npm says why above.`);
}

/** The npm that runs this script, else the one on PATH. */
function npmCommand() {
  const running = process.env.npm_execpath ?? '';
  if (basename(running) === 'npm-cli.js') return { program: process.execPath, args: [running], shell: false };
  // Windows starts npm.cmd only through a shell
  return { program: 'npm', args: [], shell: process.platform === 'win32' };
}

function say(sentence) {
  process.stderr.write(`flora-asr: ${sentence}\n`);
}

/** Tells a person what went wrong; needs no stack. */
export class SetUpError extends Error {}
