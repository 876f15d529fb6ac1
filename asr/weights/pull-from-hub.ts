import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { makeFolder } from '../../kernels/make-folder.ts';
import type { CatalogueModel } from './catalogue.ts';
import { shardNames } from './checkpoint-location.ts';
import { downloadFile, type RemoteFile } from './download-file.ts';
import { networkReason, pullCancelled } from './network.ts';
import type { PulledModel, PullOptions } from './pull-options.ts';
import { sha256OfFiles } from './sha256.ts';

/** A hub that cannot be reached shall not keep anybody waiting for the next source. */
const CONNECT_TIMEOUT_MS = 5000;
const MAX_REDIRECTS = 5;

const INDEX = 'model.safetensors.index.json';
/** Files that belong to a checkpoint, besides its weights; those that some have and some have not are optional. */
const BESIDES = {
  ctranslate2: {
    required: ['config.json', 'tokenizer.json'],
    optional: ['vocabulary.json', 'vocabulary.txt', 'preprocessor_config.json'],
  },
  safetensors: { required: ['config.json', 'tokenizer.json'], optional: ['generation_config.json'] },
} as const;

/** A weight file of a repository, and the commit that it is of. */
interface HubFile extends RemoteFile {
  readonly name: string;
  readonly digest: string;
  readonly commit: string;
}

/**
 * Pulls a model from the Hugging Face hub into a folder. Weights are verified by the sha256 that the hub
 * states for them, and all files are of one commit.
 * @throws FloraAsrError `download_failed`, `weights_not_found`, `weights_corrupt`, `cache_unwritable`, `cancelled`
 */
export async function pullFromHub(model: CatalogueModel, folder: string, options: PullOptions): Promise<PulledModel> {
  const repositoryUrl = `${options.hubUrl}/${model.repository}`;
  await makeFolder(folder);
  const weights = await findWeights(model, folder, options);
  const commit = weights[0]?.commit ?? 'main';
  const origin = `${repositoryUrl}/tree/${commit}`;
  options.onEvent?.({
    kind: 'source',
    source: 'hub',
    origin,
    files: weights.map(({ name, bytes, digest }) => ({ file: name, bytes, digest })),
  });
  await fetchBesides(model, { folder, commit }, options);
  for (const file of weights) await fetchWeights(file, folder, options);
  // begun of another commit, by an earlier pull
  for (const name of await readdir(folder)) if (name.endsWith('.partial')) await rm(path.join(folder, name));
  return { source: 'hub', origin, weights: weights.map(({ name, digest }) => ({ name, digest })) };
}

async function fetchBesides(
  model: CatalogueModel,
  at: { folder: string; commit: string },
  options: PullOptions,
): Promise<void> {
  const { required, optional } = BESIDES[model.format];
  for (const name of [...required, ...optional]) {
    const url = `${options.hubUrl}/${model.repository}/resolve/${at.commit}/${name}`;
    const remote = { url, bytes: null, digest: null };
    await downloadFile(remote, path.join(at.folder, name), signalOf(options)).catch((error: unknown) => {
      const absent = error instanceof FloraAsrError && error.code === 'weights_not_found';
      if (!absent || !optional.some((known) => known === name)) throw error;
    });
  }
}

async function fetchWeights(file: HubFile, folder: string, options: PullOptions): Promise<void> {
  const { onEvent } = options;
  const target = path.join(folder, file.name);
  // left whole by a pull that was ended before it could publish
  const earlier = await sha256OfFiles([target], options.signal).catch(() => null);
  if (earlier === file.digest) return;
  await downloadFile(file, target, {
    ...signalOf(options),
    onProgress: (bytes, totalBytes) => onEvent?.({ kind: 'progress', file: file.name, bytes, totalBytes }),
    onVerifying: () => onEvent?.({ kind: 'verifying', file: file.name }),
  });
}

/** The weight files: one, or, of a checkpoint that is split, those that its index names. */
async function findWeights(model: CatalogueModel, folder: string, options: PullOptions): Promise<readonly HubFile[]> {
  const single = model.format === 'ctranslate2' ? 'model.bin' : 'model.safetensors';
  const found = await askHub(model, single, options);
  if (found !== null) {
    if (model.digest === null || model.digest === found.digest) return [found];
    throw new FloraAsrError('weights_corrupt', `${found.url} has ${found.digest}, but ${model.name} is ${model.digest}.`);
  }
  if (model.format === 'ctranslate2') throw new FloraAsrError('weights_not_found', `${model.repository} has no ${single}.`);
  const indexPath = path.join(folder, INDEX);
  const index = { url: `${options.hubUrl}/${model.repository}/resolve/main/${INDEX}`, bytes: null, digest: null };
  await downloadFile(index, indexPath, signalOf(options));
  const files = await Promise.all((await shardNames(indexPath)).map((name) => askHub(model, name, options)));
  if (files.every((file) => file !== null)) return files;
  await rm(indexPath);
  throw new FloraAsrError('weights_not_found', `${model.repository} lacks files that its ${INDEX} names.`);
}

/**
 * What the hub says about a large file, in the headers of the redirect to where it lies.
 * @returns null if there is no such file
 */
async function askHub(model: CatalogueModel, name: string, options: PullOptions): Promise<HubFile | null> {
  const url = `${options.hubUrl}/${model.repository}/resolve/main/${name}`;
  let asked = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await head(asked, options.signal);
    if (response.status === 404) return null;
    const digest = /^"?([0-9a-f]{64})"?$/.exec(response.headers.get('x-linked-etag') ?? '')?.[1];
    const commit = response.headers.get('x-repo-commit');
    const size = Number(response.headers.get('x-linked-size') ?? Number.NaN);
    if (digest !== undefined && commit !== null && Number.isSafeInteger(size)) {
      const pinned = `${options.hubUrl}/${model.repository}/resolve/${commit}/${name}`;
      return { name, url: pinned, bytes: size, digest: `sha256:${digest}`, commit };
    }
    const next = response.headers.get('location');
    // a repository that was renamed
    if (response.status < 300 || response.status >= 400 || next === null) {
      throw new FloraAsrError('download_failed', `${asked} answered ${response.status} and names no digest.`);
    }
    asked = new URL(next, asked).href;
  }
  throw new FloraAsrError('download_failed', `${url} redirects without end.`);
}

async function head(url: string, signal: AbortSignal | undefined): Promise<Response> {
  const timeout = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  try {
    return await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
  } catch (cause) {
    if (signal?.aborted) throw pullCancelled(signal);
    const host = new URL(url).host;
    throw new FloraAsrError('download_failed', `${host} cannot be reached (${networkReason(cause)}).`, { cause });
  }
}

function signalOf({ signal }: PullOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
