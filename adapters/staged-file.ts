import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { FloraAsrError } from '../kernels/errors.ts';

/** A file that lies whole on the disk, under a name that nothing reads. */
export interface StagedFile {
  /** its present path */
  readonly temporary: string;
  /** Puts it in the place of `file`, in one step. A rename needs no room. */
  publish(file: string): void;
  /** Deletes it, unless it was published. */
  discard(): void;
}

const SUFFIX = '.part';

/** What a process that was killed may leave behind. */
export function isStagedFile(name: string): boolean {
  return name.startsWith('.') && name.endsWith(SUFFIX);
}

/**
 * Has a file written in a folder, and forces it to the disk; nothing is left of it if that fails.
 * @throws whatever `write` throws
 */
export function stageFile(folder: string, write: (temporary: string) => void): StagedFile {
  const temporary = path.join(folder, `.${randomUUID()}${SUFFIX}`);
  const discard = () => rmSync(temporary, { force: true });
  try {
    write(temporary);
    forceToDisk(temporary, 'r+');
  } catch (error) {
    discard();
    throw error;
  }
  return { temporary, publish: (file) => renameSync(temporary, file), discard };
}

/** Names within a folder outlive a loss of power only if it is forced to the disk too. Windows cannot. */
export function forceFolderToDisk(folder: string): void {
  if (process.platform !== 'win32') forceToDisk(folder, 'r');
}

function forceToDisk(file: string, flags: 'r' | 'r+'): void {
  const descriptor = openSync(file, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What keeps something from being written, for people; an error of ours stays as it is. */
export function unwritable(what: string, folder: string, cause: unknown): FloraAsrError {
  if (cause instanceof FloraAsrError) return cause;
  return new FloraAsrError(
    'output_unwritable',
    `${what} could not be written to ${folder} (${(cause as Error).message}). Free some space, or name a folder that can be written.`,
    { cause },
  );
}
