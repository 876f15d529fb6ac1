import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { runProgram } from '../../asr/process/run-program.ts';
import { FloraAsrError } from '../../kernels/errors.ts';

const PACKAGE = 'tuxpaint-stamps-default';
const STAMPS_IN_PACKAGE = 'usr/share/tuxpaint/stamps';

export interface StampsFolder {
  readonly folder: string;
  /** what the recordings came with, e.g. the package's file name with its version */
  readonly source: string;
}

export interface PackageOptions {
  /** a `.deb`, or a folder it was unpacked to; absent: fetched by apt */
  readonly from?: string;
  /** an empty folder of this call's own */
  readonly workFolder: string;
  readonly signal?: AbortSignal;
  readonly onDownload?: (bytes: number, totalBytes: number) => void;
}

/**
 * The package's `stamps` folder: given, or unpacked below `workFolder` without installing anything.
 * @throws FloraAsrError `download_failed` if apt cannot fetch the package, `tool_missing` on a system without apt or
 *   dpkg, `file_not_found` if `from` holds no stamps.
 */
export async function obtainStamps(options: PackageOptions): Promise<StampsFolder> {
  const { from } = options;
  if (from === undefined) return unpackPackage(await downloadPackage(options), options);
  const about = await stat(from).catch(() => null);
  if (about === null) throw new FloraAsrError('file_not_found', `${from} is not there`);
  return about.isFile() ? unpackPackage(resolve(from), options) : findStamps(resolve(from), basename(resolve(from)));
}

async function findStamps(folder: string, source: string): Promise<StampsFolder> {
  for (const candidate of [join(folder, STAMPS_IN_PACKAGE), join(folder, 'stamps'), folder]) {
    // A stamps folder is known by one of its categories.
    const about = await stat(join(candidate, 'animals')).catch(() => null);
    if (about?.isDirectory()) return { folder: candidate, source };
  }
  throw new FloraAsrError('file_not_found', `${folder} holds no ${STAMPS_IN_PACKAGE}, nor is it a folder of stamps`);
}

async function unpackPackage(debFile: string, { workFolder, signal }: PackageOptions): Promise<StampsFolder> {
  const unpacked = join(workFolder, 'unpacked');
  try {
    await runProgram('dpkg', ['-x', debFile, unpacked], signal === undefined ? {} : { signal });
  } catch (cause) {
    throw withRemedy(cause, `unpacks ${basename(debFile)}`);
  }
  return findStamps(unpacked, basename(debFile));
}

async function downloadPackage(options: PackageOptions): Promise<string> {
  const { workFolder, signal, onDownload } = options;
  const run = { cwd: workFolder, ...(signal === undefined ? {} : { signal }) };
  const totalBytes = await packageBytes(run);
  const watch = setInterval(() => void bytesIn(workFolder).then((bytes) => onDownload?.(bytes, totalBytes)), 250);
  try {
    await runProgram('apt-get', ['download', PACKAGE], run);
  } catch (cause) {
    throw withRemedy(cause, `fetches the Debian package ${PACKAGE}`);
  } finally {
    clearInterval(watch);
  }
  onDownload?.(totalBytes, totalBytes);
  const debFile = (await readdir(workFolder)).find((name) => name.endsWith('.deb'));
  if (debFile === undefined) throw new FloraAsrError('download_failed', `apt-get download ${PACKAGE} left no .deb file`);
  return join(workFolder, debFile);
}

/** Asks apt for the size of the package; where apt does not know the package yet, lets it read its lists first. */
async function packageBytes(run: { cwd: string; signal?: AbortSignal }): Promise<number> {
  const ask = async () => {
    // 'http://.../NAME_VERSION_all.deb' NAME_VERSION_all.deb BYTES SHA256:...
    const answer = await runProgram('apt-get', ['download', '--print-uris', PACKAGE], run);
    return Number(/\.deb (\d+) /.exec(answer)?.[1] ?? Number.NaN);
  };
  try {
    return await ask();
  } catch (error) {
    if (error instanceof FloraAsrError && error.code !== 'tool_failed') throw withRemedy(error, 'fetches the recordings');
  }
  try {
    await runProgram('apt-get', ['update'], run);
    return await ask();
  } catch (cause) {
    throw withRemedy(cause, `fetches the Debian package ${PACKAGE} (apt-get update needs root)`);
  }
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (about) => about.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function withRemedy(cause: unknown, task: string): unknown {
  if (!(cause instanceof FloraAsrError) || cause.code === 'cancelled') return cause;
  const remedy =
    `Fetch ${PACKAGE}_2022.06.04-1_all.deb from a Debian mirror (pool/main/t/tuxpaint-stamps) and pass it with ` +
    '--from FILE.deb; without dpkg, unpack it (ar x FILE.deb; tar xf data.tar.xz) and pass the folder with --from FOLDER.';
  const code = cause.code === 'tool_missing' ? 'tool_missing' : 'download_failed';
  return new FloraAsrError(code, `what ${task} did not work: ${cause.message}\n${remedy}`, { cause });
}
