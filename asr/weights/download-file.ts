import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { FloraAsrError } from '../../kernels/errors.ts';
import { writingCache } from './cache-writing.ts';
import { networkReason, pullCancelled } from './network.ts';
import { sha256OfFiles } from './sha256.ts';

export interface RemoteFile {
  readonly url: string;
  readonly bytes: number | null;
  /** `sha256:<hex>`; null for a small file that is fetched whole each time and taken as it comes */
  readonly digest: string | null;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytes: number, totalBytes: number) => void;
  readonly onVerifying?: () => void;
  /** before the first retry; doubles each time */
  readonly retryDelayMs?: number;
}

/** Failures in a row without a single new byte. */
const MAX_FUTILE_ATTEMPTS = 4;
/** A connection that brings nothing for so long is given up and made anew. */
const STALL_MS = 30_000;

/**
 * Downloads a file so that `path` exists whole and verified, or not at all. What arrives lies in a
 * `.partial` file beside it, from which a later call, of this process or another, goes on. Nobody else
 * may write to that file meanwhile.
 * @throws FloraAsrError `download_failed`, `weights_corrupt` if the digest differs, `cache_unwritable`, `cancelled`
 */
export async function downloadFile(remote: RemoteFile, path: string, options: DownloadOptions = {}): Promise<void> {
  // named by digest: what was begun of another version is not continued
  const partial = `${path}.${remote.digest?.slice('sha256:'.length, 'sha256:'.length + 12) ?? 'whole'}.partial`;
  if (remote.digest === null) await rm(partial, { force: true });
  await writingCache(partial, () => fetchAll(remote, partial, options));
  if (remote.digest !== null) await verify(partial, { ...remote, digest: remote.digest }, options);
  await writingCache(path, () => rename(partial, path));
}

async function fetchAll(remote: RemoteFile, partial: string, options: DownloadOptions): Promise<void> {
  const { signal, retryDelayMs = 1000 } = options;
  for (let futile = 0; ; ) {
    const before = await sizeOf(partial);
    if (before === remote.bytes) return;
    if (remote.bytes !== null && before > remote.bytes) await rm(partial);
    try {
      return await fetchRest(remote, partial, options);
    } catch (error) {
      if (signal?.aborted) throw pullCancelled(signal);
      if (error instanceof FloraAsrError && !error.retryable) throw error;
      if (!(error instanceof FloraAsrError) && !isNetworkError(error)) throw error;
      futile = (await sizeOf(partial)) > before ? 0 : futile + 1;
      if (futile >= MAX_FUTILE_ATTEMPTS) {
        throw new FloraAsrError('download_failed', `${remote.url} could not be downloaded: ${networkReason(error)}.`, {
          cause: error,
        });
      }
      await delay(retryDelayMs * 2 ** futile, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      if (signal?.aborted) throw pullCancelled(signal);
    }
  }
}

/** One request, for what is missing. */
async function fetchRest(remote: RemoteFile, partial: string, options: DownloadOptions): Promise<void> {
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new DOMException('the connection stalled', 'TimeoutError')), STALL_MS);
  const signals = options.signal === undefined ? [stall.signal] : [stall.signal, options.signal];
  const file = await open(partial, 'a');
  try {
    const begun = (await file.stat()).size;
    const response = await fetch(remote.url, {
      // a compressed answer could not be resumed
      headers: { 'accept-encoding': 'identity', ...(begun > 0 ? { range: `bytes=${begun}-` } : {}) },
      signal: AbortSignal.any(signals),
    });
    const start = await startOf(response, { remote, file, begun });
    const total = remote.bytes ?? start + Number(response.headers.get('content-length') ?? 0);
    let bytes = start;
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      await file.appendFile(chunk);
      bytes += chunk.byteLength;
      options.onProgress?.(bytes, total);
    }
    if (remote.bytes !== null && bytes < remote.bytes) {
      throw new TypeError(`the connection ended after ${bytes} of ${remote.bytes} bytes`);
    }
    await file.sync();
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}

/** The place in the file at which the answer's body begins; the file ends there afterwards. */
async function startOf(response: Response, at: { remote: RemoteFile; file: FileHandle; begun: number }): Promise<number> {
  const { remote, file, begun } = at;
  if (response.status === 206) {
    if (response.headers.get('content-range')?.startsWith(`bytes ${begun}-`)) return begun;
    await file.truncate(0);
    throw new TypeError(`the server answered with the range ${response.headers.get('content-range')}`);
  }
  if (response.status === 200) {
    await file.truncate(0);
    return 0;
  }
  await response.body?.cancel();
  if (response.status === 416) {
    // more was there than the file has: not the file that was begun
    await file.truncate(0);
    throw new TypeError('the server does not know the rest of the file');
  }
  const problem = `${remote.url} answered ${response.status} ${response.statusText}`.trim();
  if (response.status === 429 || response.status >= 500) throw new TypeError(problem);
  throw new FloraAsrError('weights_not_found', `${problem}.`);
}

async function verify(
  partial: string,
  remote: RemoteFile & { readonly digest: string },
  options: DownloadOptions,
): Promise<void> {
  options.onVerifying?.();
  const actual = await sha256OfFiles([partial], options.signal).catch((error: unknown) => {
    throw options.signal?.aborted ? pullCancelled(options.signal) : error;
  });
  if (actual === remote.digest) return;
  await rm(partial, { force: true });
  throw new FloraAsrError(
    'weights_corrupt',
    `${remote.url}: expected ${remote.digest}, downloaded ${actual}. It was thrown away.`,
  );
}

/** fetch throws a TypeError, and a DOMException when a signal ends it. */
function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (about) => about.size,
    () => 0,
  );
}
