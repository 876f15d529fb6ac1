import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { makeFolder } from '../../kernels/make-folder.ts';

/**
 * Where one process gathers a model's files before they are published. No two processes ever write to
 * the same one: its name says whose it is, and it changes hands by a rename, which only one can win.
 * What a pull leaves when it ends or is killed is taken over by the next.
 *
 *   .pull~<model>~<machine>~<process id>~<random>    in use, or left by a process that was killed
 *   .pull~<model>~free~0~<random>                    left for the next
 */
export interface WorkFolder {
  readonly folder: string;
  /** Leaves what was gathered for the next pull. */
  release(): Promise<void>;
  /** Deletes the folder. */
  remove(): Promise<void>;
}

const PREFIX = '.pull';
const FREE = 'free';
const HEARTBEAT_MS = 10_000;
/** Without a heartbeat for so long, a process of another machine is taken for dead. */
const ABANDONED_AFTER_MS = 10 * 60_000;

/** Of this process. An earlier one may have had the same process id, in a container above all. */
const ownFolders = new Set<string>();

/** Takes over what an earlier pull of the model has left in `parent`, else makes a new folder. */
export async function claimWorkFolder(parent: string, model: string): Promise<WorkFolder> {
  await makeFolder(parent);
  const name = folderName(model, machine(), process.pid);
  ownFolders.add(name);
  const folder = path.join(parent, name);
  if (!(await takeOver(parent, { model, folder }))) await mkdir(folder);
  const beat = () => void utimes(folder, new Date(), new Date()).catch(() => undefined);
  const heartbeat = setInterval(beat, HEARTBEAT_MS).unref();
  const end = () => {
    clearInterval(heartbeat);
    ownFolders.delete(name);
  };
  const remove = () => rm(folder, { recursive: true, force: true }).finally(end);
  return {
    folder,
    remove,
    release: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      if (!entries.some((entry) => entry.isFile())) return remove();
      await rename(folder, path.join(parent, folderName(model, FREE, 0))).finally(end);
    },
  };
}

async function takeOver(parent: string, { model, folder }: { model: string; folder: string }): Promise<boolean> {
  for (const entry of await readdir(parent)) {
    if (!(await isAbandoned(parent, entry, model))) continue;
    // fails if another process was faster: then the next one is tried
    const taken = await rename(path.join(parent, entry), folder).then(
      () => true,
      () => false,
    );
    if (taken) return true;
  }
  return false;
}

async function isAbandoned(parent: string, entry: string, model: string): Promise<boolean> {
  const [prefix, entryModel, owner, processId] = entry.split('~');
  if (prefix !== PREFIX || entryModel !== model || ownFolders.has(entry)) return false;
  if (owner === FREE) return true;
  if (owner === machine()) return Number(processId) === process.pid || !isAlive(Number(processId));
  const about = await stat(path.join(parent, entry)).catch(() => null);
  return about !== null && about.mtimeMs < Date.now() - ABANDONED_AFTER_MS;
}

/** Within one of these, process ids are unique: the host, and on Linux the container. */
function machine(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // not Linux, where there is nothing like it
  }
  return `${hostname()}-${namespace}`.replace(/[^\w.-]/g, '');
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function folderName(model: string, owner: string, processId: number): string {
  return [PREFIX, model, owner, processId, randomUUID()].join('~');
}
