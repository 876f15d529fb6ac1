import { join } from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { ASTERISK_LANGUAGES, findPrompts, type PromptRecording } from './asterisk-prompts.ts';
import { decodeInBulk } from './bulk-decode.ts';
import { corpusFolder, makeCorpus } from './corpus-cache.ts';
import { type DebianPackages, unpackPackages } from './debian-packages.ts';
import { openPackedCorpus, type PackedCorpus } from './packed-corpus.ts';
import type { PullOptions } from './pull-options.ts';
import { splitByDigest } from './split-by-digest.ts';
import { UtterancePacker } from './utterance-packer.ts';

/** For each language the recordings, 16 kHz, and the list of what they say. */
const PACKAGES: DebianPackages = {
  names: ASTERISK_LANGUAGES.flatMap((language) => [
    `asterisk-core-sounds-${language}`,
    `asterisk-core-sounds-${language}-g722`,
  ]),
  pool: 'pool/main/a/asterisk-core-sounds',
};

/** Of 100. Half is test: they say how an adapter does with a voice that it was not trained on, or hardly. */
const SHARES = { test: 50, dev: 6 };
/** Of the cache; the first form had no splits. */
const FOLDER = 'asterisk-2';

/** Shorter or longer prompts are left out, and counted. */
const MIN_SECONDS = 0.7;
const MAX_SECONDS = 15;

/**
 * The prompts that `pullAsterisk` left in the cache.
 * @throws FloraAsrError `corpus_not_found` if they were not pulled.
 */
export function openAsterisk(cacheDir: string): PackedCorpus {
  return openPackedCorpus(corpusFolder(cacheDir, FOLDER), 'run: npm run corpus -- pull asterisk');
}

/**
 * Fetches the telephone prompts of Asterisk, one voice for each language, decodes them and leaves them packed in the
 * cache, split by prompt: what is in the same words in two languages may be in two splits.
 */
export async function pullAsterisk(options: PullOptions): Promise<PackedCorpus> {
  const { from, signal, onProgress } = options;
  await makeCorpus(options.cacheDir, FOLDER, async ({ packedFolder, workFolder }) => {
    const { folder, source } = await unpackPackages(PACKAGES, {
      workFolder,
      onDownload: (bytes, total) => onProgress?.('download', bytes, total),
      ...(from === undefined ? {} : { from }),
      ...(signal === undefined ? {} : { signal }),
    });
    const prompts = await findPrompts(folder);
    const packer = new UtterancePacker({ folder: packedFolder, minSeconds: MIN_SECONDS, maxSeconds: MAX_SECONDS });
    try {
      await packPrompts(packer, prompts, join(workFolder, 'decoded'), options);
    } finally {
      await packer.close();
    }
    if (packer.utterances === 0) {
      const expected = 'usr/share/asterisk/sounds/LANG_…/*.g722 with usr/share/doc/asterisk-core-sounds-LANG/*.txt.gz';
      throw new FloraAsrError('file_not_found', `${from ?? folder} holds no recordings with texts: expected ${expected}`);
    }
    const languages = ASTERISK_LANGUAGES.filter((language) => prompts.some((prompt) => prompt.language === language));
    await packer.writeIndex({ name: 'asterisk', source, languages });
  });
  return openAsterisk(options.cacheDir);
}

async function packPrompts(
  packer: UtterancePacker,
  prompts: readonly PromptRecording[],
  workFolder: string,
  { ffmpegPath, onProgress, signal }: PullOptions,
): Promise<void> {
  const texts = new Map<string, { readonly prompt: PromptRecording; readonly text: string }>();
  for (const prompt of prompts) {
    if ('text' in prompt.text) texts.set(prompt.file, { prompt, text: prompt.text.text });
    else packer.leaveOut(prompt.language, prompt.text.leftOut);
  }
  const decoding = decodeInBulk({
    ffmpegPath,
    files: [...texts.keys()],
    workFolder,
    onProgress: (done) => onProgress?.('decode', done, texts.size),
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const { file, pcm } of decoding) {
    const known = texts.get(file);
    if (known === undefined) continue;
    const { language, speaker, prompt } = known.prompt;
    const audioPath = `${speaker}/${prompt}.g722`;
    const id = `asterisk/${language}/${prompt}`;
    await packer.add({ id, audioPath, text: known.text, language, split: splitByDigest(id, SHARES), speaker }, pcm);
  }
}
