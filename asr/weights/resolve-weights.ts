import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { runProgram } from '../process/run-program.ts';
import { CATALOGUE, type CatalogueModel } from './catalogue.ts';
import { type CheckpointLocation, locateCheckpoint } from './checkpoint-location.ts';
import { type CachedModel, readCachedModel, readRecord } from './model-cache.ts';
import { pullCancelled } from './network.ts';
import { pullModel } from './pull-model.ts';
import type { PullOptions } from './pull-options.ts';
import { sha256OfFiles } from './sha256.ts';

export type ResolveOptions = Omit<PullOptions, 'runProgram'> & Partial<Pick<PullOptions, 'runProgram'>>;

/**
 * Finds a model's weights: in the folder that is named, in the cache, or, pulled into the cache, from the
 * allowed sources. Weights in the cache are verified when they are opened (`openCheckpoint`), and as they
 * are pulled.
 * @param model a name of the catalogue, such as `whisper-base` or `openai/whisper-small`, or a folder's path
 * @throws FloraAsrError `weights_not_found`, `weights_corrupt`, `download_failed`, `cache_unwritable`, `cancelled`
 */
export async function resolveWeights(model: string, options: ResolveOptions): Promise<CheckpointLocation> {
  const known = CATALOGUE.find(({ name }) => name === model);
  if (known === undefined) return resolveFolder(model, options);
  const cached = await readCachedModel(options.cacheDir, known);
  if (cached !== null) {
    announce(cached, options);
    return cached.location;
  }
  await pullModel(known, { runProgram, ...options });
  const pulled = await readCachedModel(options.cacheDir, known);
  if (pulled !== null) return pulled.location;
  throw new FloraAsrError('weights_not_found', `${model} was pulled, and has gone from ${options.cacheDir} since.`);
}

/** @throws FloraAsrError `weights_not_found` for a name that the catalogue does not have */
export function findModel(name: string): CatalogueModel {
  const known = CATALOGUE.find((model) => model.name === name);
  if (known !== undefined) return known;
  const names = CATALOGUE.map((model) => model.name).join(', ');
  throw new FloraAsrError('weights_not_found', `"${name}" is no model that can be pulled; these are: ${names}.`);
}

function announce({ folder, location, weightBytes }: CachedModel, { onEvent }: ResolveOptions): void {
  const file = location.weightPaths.map((weightPath) => path.basename(weightPath)).join(', ');
  onEvent?.({
    kind: 'source',
    source: 'cache',
    origin: folder,
    files: [{ file, bytes: weightBytes, digest: location.digest }],
  });
}

async function resolveFolder(model: string, { onEvent, signal }: ResolveOptions): Promise<CheckpointLocation> {
  const folder = path.resolve(model);
  const isFolder = await stat(folder).then(
    (about) => about.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    // a bare word was meant as a name
    if (!/[\\/]/.test(model)) findModel(model);
    throw new FloraAsrError(
      'weights_not_found',
      `There is no model folder ${folder}. Known names: ${CATALOGUE.map(({ name }) => name).join(', ')}.`,
    );
  }
  const located = await locateCheckpoint(folder);
  const file = located.weightPaths.map((weightPath) => path.basename(weightPath)).join(', ');
  const record = await readRecord(folder);
  if (record === null) onEvent?.({ kind: 'verifying', file });
  const digest =
    record?.digest ??
    (await sha256OfFiles(located.weightPaths, signal).catch((error: unknown) => {
      throw signal?.aborted ? pullCancelled(signal) : error;
    }));
  onEvent?.({ kind: 'source', source: 'folder', origin: folder, files: [{ file, bytes: null, digest }] });
  return { name: path.basename(folder) || 'model', digest, ...located };
}
