import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder, and those above it, unless it is there. Node's own recursive mkdir never returns where a file system
 * answers "no such file" for a folder whose parent exists, as below /proc.
 * @throws NodeJS.ErrnoException what keeps it from being made
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = path.dirname(path.resolve(folder));
  if (parent !== path.resolve(folder)) await makeFolder(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // another process may have made it meanwhile
    if (!(await isFolder(folder))) throw error;
  }
}

async function isFolder(folder: string): Promise<boolean> {
  const about = await stat(folder).catch(() => null);
  return about?.isDirectory() ?? false;
}
