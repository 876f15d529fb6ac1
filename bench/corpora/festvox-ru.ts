import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { decodeInBulk } from './bulk-decode.ts';
import { corpusFolder, makeCorpus } from './corpus-cache.ts';
import { type DebianPackages, unpackPackages } from './debian-packages.ts';
import { openPackedCorpus, type PackedCorpus } from './packed-corpus.ts';
import type { PullOptions } from './pull-options.ts';
import { splitByDigest } from './split-by-digest.ts';
import { UtterancePacker } from './utterance-packer.ts';

const PACKAGES: DebianPackages = { names: ['festvox-ru'], pool: 'pool/main/f/festvox-ru' };
const VOICE = 'msu_ru_nsh_clunits';
const VOICE_IN_PACKAGE = `usr/share/festival/voices/russian/${VOICE}`;

/** Shorter or longer utterances are left out, and counted. */
const MIN_SECONDS = 0.7;
const MAX_SECONDS = 30;

/**
 * The recordings that `pullFestvoxRu` left in the cache.
 * @throws FloraAsrError `corpus_not_found` if they were not pulled.
 */
export function openFestvoxRu(cacheDir: string): PackedCorpus {
  return openPackedCorpus(corpusFolder(cacheDir, 'festvox-ru'), 'run: npm run corpus -- pull festvox-ru');
}

/**
 * Fetches a Russian voice of the speech synthesiser Festival, which comes with the recordings it was made of: one man
 * reads sentences of novels. Leaves them packed in the cache, split by sentence.
 */
export async function pullFestvoxRu(options: PullOptions): Promise<PackedCorpus> {
  const { from, signal, onProgress } = options;
  await makeCorpus(options.cacheDir, 'festvox-ru', async ({ packedFolder, workFolder }) => {
    const { folder, source } = await unpackPackages(PACKAGES, {
      workFolder,
      onDownload: (bytes, total) => onProgress?.('download', bytes, total),
      ...(from === undefined ? {} : { from }),
      ...(signal === undefined ? {} : { signal }),
    });
    const packer = new UtterancePacker({ folder: packedFolder, minSeconds: MIN_SECONDS, maxSeconds: MAX_SECONDS });
    try {
      await packSentences(packer, join(folder, VOICE_IN_PACKAGE), join(workFolder, 'decoded'), options);
    } finally {
      await packer.close();
    }
    await packer.writeIndex({ name: 'festvox-ru', source, languages: ['ru'] });
  });
  return openFestvoxRu(options.cacheDir);
}

async function packSentences(
  packer: UtterancePacker,
  voiceFolder: string,
  workFolder: string,
  { ffmpegPath, onProgress, signal }: PullOptions,
): Promise<void> {
  const sentences = parseSentences(await readSentences(voiceFolder));
  const byFile = new Map([...sentences].map(([name, text]) => [join(voiceFolder, 'wav', `${name}.wav`), { name, text }]));
  const decoding = decodeInBulk({
    ffmpegPath,
    files: [...byFile.keys()],
    workFolder,
    onProgress: (done) => onProgress?.('decode', done, byFile.size),
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const { file, pcm } of decoding) {
    const sentence = byFile.get(file);
    if (sentence === undefined) continue;
    const { name, text } = sentence;
    const utterance = { id: `festvox-ru/ru/${name}`, audioPath: `wav/${name}.wav`, text, language: 'ru', speaker: VOICE };
    await packer.add({ ...utterance, split: splitByDigest(name) }, pcm);
  }
}

async function readSentences(voiceFolder: string): Promise<string> {
  const path = join(voiceFolder, 'etc', 'txt.done.data');
  return readFile(path, 'utf8').catch((cause) => {
    throw new FloraAsrError('file_not_found', `${path} is not there: festvox-ru holds ${VOICE_IN_PACKAGE}`, { cause });
  });
}

/** Reads Festival's list of sentences, lines `( NAME "text" )`, without the pluses that mark stressed vowels. */
export function parseSentences(list: string): ReadonlyMap<string, string> {
  const sentences = new Map<string, string>();
  for (const line of list.split(/\r?\n/)) {
    const [, name, text] = /^\(\s*(\S+)\s+"(.*)"\s*\)\s*$/.exec(line) ?? [];
    const written = text?.replaceAll('+', '').replace(/\s+/g, ' ').trim();
    if (name !== undefined && written !== undefined && written !== '') sentences.set(name, written);
  }
  return sentences;
}
