import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { decodeInBulk } from './bulk-decode.ts';
import { corpusFolder, makeCorpus } from './corpus-cache.ts';
import { type DebianPackages, unpackPackages } from './debian-packages.ts';
import { oggVorbisSeconds } from './ogg-duration.ts';
import { openPackedCorpus, type PackedCorpus } from './packed-corpus.ts';
import type { PullOptions } from './pull-options.ts';
import { splitByDigest } from './split-by-digest.ts';
import { findRecordings, type StampRecording, TUXPAINT_LANGUAGES } from './tuxpaint-stamps.ts';
import { UtterancePacker } from './utterance-packer.ts';

const PACKAGES: DebianPackages = { names: ['tuxpaint-stamps-default'], pool: 'pool/main/t/tuxpaint-stamps' };
const STAMPS_IN_PACKAGE = 'usr/share/tuxpaint/stamps';

/** Shorter or longer utterances are left out, and counted. */
const MIN_SECONDS = 0.3;
const MAX_SECONDS = 15;

/**
 * The recordings that `pullTuxpaint` left in the cache.
 * @throws FloraAsrError `corpus_not_found` if they were not pulled.
 */
export function openTuxpaint(cacheDir: string): PackedCorpus {
  return openPackedCorpus(corpusFolder(cacheDir, 'tuxpaint'), 'run: npm run corpus -- pull tuxpaint');
}

/** Fetches the Debian package, decodes its recordings and leaves them packed in the cache. */
export async function pullTuxpaint(options: PullOptions): Promise<PackedCorpus> {
  const { from, signal, onProgress } = options;
  await makeCorpus(options.cacheDir, 'tuxpaint', async ({ packedFolder, workFolder }) => {
    const { folder, source } = await unpackPackages(PACKAGES, {
      workFolder,
      onDownload: (bytes, total) => onProgress?.('download', bytes, total),
      ...(from === undefined ? {} : { from }),
      ...(signal === undefined ? {} : { signal }),
    });
    const stampsFolder = await findStamps(folder);
    const packer = new UtterancePacker({ folder: packedFolder, minSeconds: MIN_SECONDS, maxSeconds: MAX_SECONDS });
    try {
      await packStamps(packer, stampsFolder, join(workFolder, 'decoded'), options);
    } finally {
      await packer.close();
    }
    await packer.writeIndex({ name: 'tuxpaint', source, languages: TUXPAINT_LANGUAGES });
  });
  return openTuxpaint(options.cacheDir);
}

/** @throws FloraAsrError `file_not_found` */
async function findStamps(folder: string): Promise<string> {
  for (const candidate of [join(folder, STAMPS_IN_PACKAGE), join(folder, 'stamps'), folder]) {
    // A stamps folder is known by one of its categories.
    const about = await stat(join(candidate, 'animals')).catch(() => null);
    if (about?.isDirectory()) return candidate;
  }
  throw new FloraAsrError('file_not_found', `${folder} holds no ${STAMPS_IN_PACKAGE}, nor is it a folder of stamps`);
}

/** Decodes all recordings of a stamps folder. */
async function packStamps(packer: UtterancePacker, stampsFolder: string, workFolder: string, options: PullOptions) {
  const recordings = await findRecordings(stampsFolder);
  const withText = recordings.filter((recording) => recording.text !== null);
  if (withText.length === 0) throw new FloraAsrError('file_not_found', `${stampsFolder} holds no recordings`);
  for (const { language, text } of recordings) if (text === null) packer.leaveOut(language, 'noText');
  const byFile = new Map(withText.map((recording) => [join(stampsFolder, recording.audioPath), recording]));
  const decoding = decodeInBulk({
    ffmpegPath: options.ffmpegPath,
    files: [...byFile.keys()],
    workFolder,
    onProgress: (done) => options.onProgress?.('decode', done, byFile.size),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  for await (const { file, pcm } of decoding) {
    const { picture, language, audioPath, text } = byFile.get(file) as StampRecording & { text: string };
    // What is left out must not depend on ffmpeg's version.
    const statedSeconds = oggVorbisSeconds(await readFile(file));
    const split = splitByDigest(picture);
    const candidate = { id: `tuxpaint/${language}/${picture}`, audioPath, text, language, split };
    await packer.add(statedSeconds === null ? candidate : { ...candidate, statedSeconds }, pcm);
  }
}
