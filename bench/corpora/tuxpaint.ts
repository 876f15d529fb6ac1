import { type FileHandle, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SAMPLE_RATE_HZ } from '../../asr/audio/pcm.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { makeFolder } from '../../kernels/make-folder.ts';
import { type DecodedFile, decodeInBulk } from './bulk-decode.ts';
import { isSpoken } from './corpus.ts';
import { oggVorbisSeconds } from './ogg-duration.ts';
import {
  type LeftOut,
  openPackedCorpus,
  type PackedCorpus,
  type PackedIndex,
  type PackedUtterance,
  packedIndexText,
} from './packed-corpus.ts';
import { obtainStamps, type StampsFolder } from './tuxpaint-package.ts';
import { findRecordings, type StampRecording, splitOfPicture, TUXPAINT_LANGUAGES } from './tuxpaint-stamps.ts';

/** Shorter or longer utterances are left out, and counted. */
const MIN_SECONDS = 0.3;
const MAX_SECONDS = 15;

/**
 * The recordings that `pullTuxpaint` left in the cache.
 * @throws FloraAsrError `corpus_not_found` if they were not pulled.
 */
export function openTuxpaint(cacheDir: string): PackedCorpus {
  return openPackedCorpus(corpusFolder(cacheDir), 'run: npm run corpus -- pull tuxpaint');
}

export type PullStage = 'download' | 'decode';

export interface PullOptions {
  readonly cacheDir: string;
  readonly ffmpegPath: string;
  /** a `.deb` or an unpacked folder; absent: fetched by apt */
  readonly from?: string;
  readonly signal?: AbortSignal;
  /** bytes while downloading, files while decoding */
  readonly onProgress?: (stage: PullStage, done: number, total: number) => void;
}

/**
 * Fetches the Debian package, decodes its recordings and leaves them packed in the cache. The corpus appears whole or
 * not at all: everything is made in a folder of its own that is renamed at the end.
 */
export async function pullTuxpaint(options: PullOptions): Promise<PackedCorpus> {
  const workFolder = await makeWorkFolder(options.cacheDir);
  try {
    const downloadFolder = join(workFolder, 'package');
    await mkdir(downloadFolder);
    const stamps = await obtainStamps({
      workFolder: downloadFolder,
      onDownload: (bytes, total) => options.onProgress?.('download', bytes, total),
      ...(options.from === undefined ? {} : { from: options.from }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const packedFolder = join(workFolder, 'packed');
    await packStamps(stamps, packedFolder, join(workFolder, 'decoded'), options);
    await removeFolder(corpusFolder(options.cacheDir));
    await rename(packedFolder, corpusFolder(options.cacheDir));
  } finally {
    await removeFolder(workFolder);
  }
  return openTuxpaint(options.cacheDir);
}

/** Decodes all recordings of a stamps folder into `packedFolder`. */
async function packStamps(stamps: StampsFolder, packedFolder: string, workFolder: string, options: PullOptions) {
  const recordings = await findRecordings(stamps.folder);
  const withText = recordings.filter((recording) => recording.text !== null);
  if (withText.length === 0) throw new FloraAsrError('file_not_found', `${stamps.source} holds no recordings`);
  const byFile = new Map(withText.map((recording) => [join(stamps.folder, recording.audioPath), recording]));
  await mkdir(packedFolder);
  const packer = new UtterancePacker(packedFolder);
  for (const { language, text } of recordings) if (text === null) packer.leaveOut(language, 'noText');
  try {
    const decoding = decodeInBulk({
      ffmpegPath: options.ffmpegPath,
      files: [...byFile.keys()],
      workFolder,
      onProgress: (done) => options.onProgress?.('decode', done, byFile.size),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    for await (const decoded of decoding) {
      // What is left out must not depend on ffmpeg's version.
      const statedSeconds = oggVorbisSeconds(await readFile(decoded.file));
      await packer.add(byFile.get(decoded.file) as StampRecording, decoded, statedSeconds);
    }
  } finally {
    await packer.close();
  }
  await writeFile(join(packedFolder, 'index.json'), packedIndexText(packer.index(stamps.source)));
}

/** Appends utterances to their languages' sample files, and keeps the books. */
class UtterancePacker {
  readonly #folder: string;
  readonly #files = new Map<string, { file: FileHandle; samples: number }>();
  readonly #utterances: PackedUtterance[] = [];
  readonly #leftOut: Record<string, LeftOut> = {};

  constructor(folder: string) {
    this.#folder = folder;
    for (const language of TUXPAINT_LANGUAGES) {
      this.#leftOut[language] = { noText: 0, undecodable: 0, tooShort: 0, tooLong: 0 };
    }
  }

  leaveOut(language: string, reason: keyof LeftOut): void {
    const counts = this.#leftOut[language];
    if (counts !== undefined) counts[reason] += 1;
  }

  /** @param statedSeconds the duration that decides over it; that of its samples if null */
  async add(recording: StampRecording, { pcm }: DecodedFile, statedSeconds: number | null): Promise<void> {
    const { picture, language, audioPath, text } = recording;
    if (text === null) return this.leaveOut(language, 'noText');
    if (pcm === null || pcm.length === 0) return this.leaveOut(language, 'undecodable');
    const samples = pcm.length / 2;
    const seconds = statedSeconds ?? samples / SAMPLE_RATE_HZ;
    if (seconds < MIN_SECONDS) return this.leaveOut(language, 'tooShort');
    if (seconds > MAX_SECONDS) return this.leaveOut(language, 'tooLong');
    const target = await this.#fileOf(language);
    await target.file.write(pcm);
    const spoken = isSpoken(text, seconds);
    const id = `tuxpaint/${language}/${picture}`;
    const split = splitOfPicture(picture);
    this.#utterances.push({ id, audioPath, text, language, split, spoken, firstSample: target.samples, samples });
    target.samples += samples;
  }

  index(source: string): PackedIndex {
    const languages = [...TUXPAINT_LANGUAGES];
    return { name: 'tuxpaint', source, languages, leftOut: this.#leftOut, utterances: this.#utterances };
  }

  async close(): Promise<void> {
    for (const { file } of this.#files.values()) await file.close();
  }

  async #fileOf(language: string): Promise<{ file: FileHandle; samples: number }> {
    const known = this.#files.get(language);
    if (known !== undefined) return known;
    const opened = { file: await open(join(this.#folder, `${language}.pcm`), 'w'), samples: 0 };
    this.#files.set(language, opened);
    return opened;
  }
}

function corpusFolder(cacheDir: string): string {
  return join(cacheDir, 'corpora', 'tuxpaint');
}

const PARTIAL_PREFIX = 'tuxpaint.partial-';
const ABANDONED_AFTER_MS = 24 * 3_600_000;

/** Removes what pulls that were killed have left; one that still runs is younger than a day. */
async function removeAbandoned(corpora: string): Promise<void> {
  for (const name of await readdir(corpora)) {
    if (!name.startsWith(PARTIAL_PREFIX)) continue;
    const about = await stat(join(corpora, name)).catch(() => null);
    if (about !== null && about.mtimeMs < Date.now() - ABANDONED_AFTER_MS) await removeFolder(join(corpora, name));
  }
}

/** Retried, because a process that was just cancelled may still be writing into it. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

async function makeWorkFolder(cacheDir: string): Promise<string> {
  const corpora = join(cacheDir, 'corpora');
  try {
    await makeFolder(corpora);
    await removeAbandoned(corpora);
    return await mkdtemp(join(corpora, PARTIAL_PREFIX));
  } catch (cause) {
    throw new FloraAsrError('cache_unwritable', `${corpora} cannot be written; set FLORA_ASR_CACHE to a folder that can`, {
      cause,
    });
  }
}
