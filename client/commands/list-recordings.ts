import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { FileArgument } from './transcribe-arguments.ts';

/** A file to transcribe. */
export interface Recording extends FileArgument {
  readonly absolutePath: string;
  /** below a folder for outputs, without an ending */
  readonly outputName: string;
}

/** What is taken for a recording in a folder; a file that is named may have any ending. */
const ENDINGS = new Set(
  'aac aif aiff amr au caf flac m4a m4b mka mkv mov mp3 mp4 mpeg mpga oga ogg opus spx wav wave weba webm wma'.split(' '),
);

/**
 * The files that are named, and those in folders that are named.
 * @param from where relative paths begin
 * @throws FloraAsrError `argument_invalid` for a folder without recordings
 */
export async function listRecordings(named: readonly FileArgument[], from: string): Promise<readonly Recording[]> {
  const lists = await Promise.all(named.map((argument) => recordingsOf(argument, path.resolve(from, argument.path))));
  return lists.flat();
}

async function recordingsOf(argument: FileArgument, absolutePath: string): Promise<readonly Recording[]> {
  const found = await stat(absolutePath).catch(() => null);
  if (!found?.isDirectory()) return [{ ...argument, absolutePath, outputName: withoutEnding(path.basename(absolutePath)) }];
  const entries = await readdir(absolutePath, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && ENDINGS.has(path.extname(entry.name).slice(1).toLowerCase()))
    .map((entry) => path.relative(absolutePath, path.join(entry.parentPath, entry.name)))
    .sort();
  if (names.length === 0) {
    throw new FloraAsrError('argument_invalid', `${argument.path} has no recording in it; one ends with .wav, .mp3, .ogg …`);
  }
  return names.map((name) => ({
    ...argument,
    path: path.join(argument.path, name),
    absolutePath: path.join(absolutePath, name),
    outputName: withoutEnding(name),
  }));
}

function withoutEnding(name: string): string {
  return name.slice(0, name.length - path.extname(name).length);
}
