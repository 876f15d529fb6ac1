import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { runProgram } from '../../asr/process/run-program.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { makeFolder } from '../../kernels/make-folder.ts';

/** Packages of Debian that carry recordings. */
export interface DebianPackages {
  readonly names: readonly string[];
  /** where a mirror has them, for people without apt */
  readonly pool: string;
}

export interface UnpackedPackages {
  /** holds `usr/share/…` of all packages, or is the folder that `from` named */
  readonly folder: string;
  /** what was unpacked: the files' names with their versions, or the folder's name */
  readonly source: string;
}

export interface UnpackOptions {
  /** a `.deb`, a folder of `.deb` files, or the folder they were unpacked to; absent: fetched by apt */
  readonly from?: string;
  /** an empty folder of this call's own */
  readonly workFolder: string;
  readonly signal?: AbortSignal;
  readonly onDownload?: (bytes: number, totalBytes: number) => void;
}

/**
 * Unpacks packages below `workFolder`, without installing anything.
 * @throws FloraAsrError `download_failed` if apt cannot fetch them, `tool_missing` on a system without apt or dpkg,
 *   `file_not_found` if there is no `from`.
 */
export async function unpackPackages(packages: DebianPackages, options: UnpackOptions): Promise<UnpackedPackages> {
  const { from } = options;
  if (from === undefined) {
    await download(packages, options);
    return unpackAll(packages, await debFilesIn(options.workFolder, packages), options);
  }
  const about = await stat(from).catch(() => null);
  if (about === null) throw new FloraAsrError('file_not_found', `${from} is not there`);
  const given = about.isFile() ? [resolve(from)] : await debFilesIn(resolve(from), packages);
  if (given.length === 0) return { folder: resolve(from), source: basename(resolve(from)) };
  return unpackAll(packages, given, options);
}

async function unpackAll(
  packages: DebianPackages,
  debFiles: readonly string[],
  { workFolder, signal }: UnpackOptions,
): Promise<UnpackedPackages> {
  const folder = join(workFolder, 'unpacked');
  await makeFolder(folder);
  for (const debFile of debFiles) {
    try {
      await runProgram('dpkg', ['-x', debFile, folder], signal === undefined ? {} : { signal });
    } catch (cause) {
      throw withRemedy(cause, `unpacks ${basename(debFile)}`, packages);
    }
  }
  return { folder, source: debFiles.map((debFile) => basename(debFile)).join(', ') };
}

/** Those of the packages: a folder of downloads may hold others. */
async function debFilesIn(folder: string, packages: DebianPackages): Promise<readonly string[]> {
  const wanted = (name: string) => packages.names.some((known) => name.startsWith(`${known}_`));
  const names = (await readdir(folder)).filter((name) => name.endsWith('.deb') && wanted(name)).sort();
  return names.map((name) => join(folder, name));
}

async function download(packages: DebianPackages, { workFolder, signal, onDownload }: UnpackOptions): Promise<void> {
  const run = { cwd: workFolder, ...(signal === undefined ? {} : { signal }) };
  const totalBytes = await packageBytes(packages, run);
  const watch = setInterval(() => void bytesIn(workFolder).then((bytes) => onDownload?.(bytes, totalBytes)), 250);
  try {
    await runProgram('apt-get', ['download', ...packages.names], run);
  } catch (cause) {
    throw withRemedy(cause, `fetches ${listed(packages)}`, packages);
  } finally {
    clearInterval(watch);
  }
  onDownload?.(totalBytes, totalBytes);
  const left = (await debFilesIn(workFolder, packages)).length;
  if (left < packages.names.length) {
    const expected = `${packages.names.length} .deb files`;
    throw new FloraAsrError('download_failed', `apt-get download left ${left} of ${expected}: ${packages.names.join(' ')}`);
  }
}

/** Asks apt for the packages' sizes; where apt does not know them yet, lets it read its lists first. */
async function packageBytes(packages: DebianPackages, run: { cwd: string; signal?: AbortSignal }): Promise<number> {
  const ask = async () => {
    // for each: 'http://.../NAME_VERSION_all.deb' NAME_VERSION_all.deb BYTES SHA256:...
    const answer = await runProgram('apt-get', ['download', '--print-uris', ...packages.names], run);
    return [...answer.matchAll(/\.deb (\d+) /g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  };
  try {
    return await ask();
  } catch (error) {
    if (error instanceof FloraAsrError && error.code !== 'tool_failed') {
      throw withRemedy(error, 'fetches the recordings', packages);
    }
  }
  try {
    await runProgram('apt-get', ['update'], run);
    return await ask();
  } catch (cause) {
    throw withRemedy(cause, `fetches ${listed(packages)} (apt-get update needs root)`, packages);
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

function listed({ names }: DebianPackages): string {
  return `the Debian package${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
}

function withRemedy(cause: unknown, task: string, packages: DebianPackages): unknown {
  if (!(cause instanceof FloraAsrError) || cause.code === 'cancelled') return cause;
  const several = packages.names.length > 1;
  const remedy =
    `Fetch ${packages.names.join(', ')} (_VERSION_all.deb) from a Debian mirror, ${packages.pool}, and pass ` +
    `${several ? 'the folder they lie in with --from FOLDER' : 'it with --from FILE.deb'}; without dpkg, unpack ` +
    `${several ? 'all into one folder' : 'it'} (ar x FILE.deb; tar xf data.tar.xz) and pass the folder with --from FOLDER.`;
  const code = cause.code === 'tool_missing' ? 'tool_missing' : 'download_failed';
  return new FloraAsrError(code, `what ${task} did not work: ${cause.message}\n${remedy}`, { cause });
}
