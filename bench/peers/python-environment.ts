import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runProgram } from '../../asr/process/run-program.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { makeFolder } from '../../kernels/make-folder.ts';

/** A Python that has one package installed, without touching the system's Python. */
export interface PythonEnvironment {
  readonly python: string;
  /** to be added to the environment of its processes */
  readonly env: Readonly<Record<string, string>>;
}

export interface PythonEnvironmentOptions {
  /** the package as pip names it, pinned: `faster-whisper==1.2.1` */
  readonly requirement: string;
  /** of this environment's own; kept for the next time */
  readonly folder: string;
  /** Python to build on; `python3` on the PATH if absent */
  readonly python?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/**
 * Installs a package into a virtual environment, or, where Python has no `venv`, into a folder on PYTHONPATH.
 * Done once: a marker written last tells a finished environment from one that was interrupted.
 * @throws FloraAsrError `tool_missing` if Python or pip is missing, `download_failed` if pip fails.
 */
export async function preparePythonEnvironment(options: PythonEnvironmentOptions): Promise<PythonEnvironment> {
  const { requirement, folder, python = 'python3', onProgress } = options;
  const run = options.signal === undefined ? {} : { signal: options.signal };
  const version = await pythonVersion(python, run);
  const environments = {
    venv: { python: join(folder, 'venv', 'bin', 'python'), env: {} },
    target: { python, env: { PYTHONPATH: join(folder, 'site') } },
  } as const;
  const markerPath = join(folder, 'installed');
  const marker = await readFile(markerPath, 'utf8').catch(() => '');
  for (const kind of ['venv', 'target'] as const) {
    if (marker === `${kind} ${requirement} ${version}\n`) return environments[kind];
  }
  await emptyFolder(folder);
  onProgress?.(`installing ${requirement} for Python ${version}`);
  const kind = await makeVenv(python, join(folder, 'venv'), run);
  const where = kind === 'venv' ? [] : ['--target', join(folder, 'site')];
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...where, requirement];
  await runProgram(environments[kind].python, pip, run).catch((cause) => {
    throw pipError(cause, python, requirement);
  });
  await writeFile(markerPath, `${kind} ${requirement} ${version}\n`);
  return environments[kind];
}

async function pythonVersion(python: string, run: { signal?: AbortSignal }): Promise<string> {
  try {
    return (await runProgram(python, ['-c', 'import platform; print(platform.python_version())'], run)).trim();
  } catch (cause) {
    if (!(cause instanceof FloraAsrError && cause.code === 'tool_missing')) throw cause;
    throw new FloraAsrError('tool_missing', `the peer needs Python 3.9 or later, and ${python} is not there; install it`, {
      cause,
    });
  }
}

/** Debian's Python comes without `ensurepip` until python3-venv is installed: then pip's --target has to do. */
async function makeVenv(python: string, folder: string, run: { signal?: AbortSignal }): Promise<'venv' | 'target'> {
  try {
    await runProgram(python, ['-m', 'venv', folder], run);
    return 'venv';
  } catch (error) {
    if (!(error instanceof FloraAsrError && error.code === 'tool_failed')) throw error;
    return 'target';
  }
}

async function emptyFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
    await makeFolder(folder);
  } catch (cause) {
    throw new FloraAsrError('cache_unwritable', `${dirname(folder)} cannot be written`, { cause });
  }
}

function pipError(cause: unknown, python: string, requirement: string): unknown {
  if (!(cause instanceof FloraAsrError) || cause.code === 'cancelled') return cause;
  if (cause.message.includes('No module named pip')) {
    const message = `${python} has neither venv nor pip; install them (Debian: apt-get install python3-venv python3-pip)`;
    return new FloraAsrError('tool_missing', message, { cause });
  }
  return new FloraAsrError('download_failed', `pip could not install ${requirement}: ${cause.message}`, { cause });
}
