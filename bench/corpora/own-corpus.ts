import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { findFfmpeg } from '../../asr/audio/ffmpeg-binary.ts';
import { cacheFolder } from '../../asr/weights/cache-folder.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { byCodeUnit } from './corpus.ts';
import { corpusFolder, makeCorpus } from './corpus-cache.ts';
import { type CorpusListing, type ListedUtterance, type ListingProblem, UNDETERMINED } from './corpus-listing.ts';
import { languageCode } from './language-code.ts';
import { MAX_UTTERANCE_SECONDS, MIN_UTTERANCE_SECONDS, packListing } from './pack-listing.ts';
import { type CorpusProblem, openPackedCorpus, type PackedCorpus } from './packed-corpus.ts';
import { readListing } from './read-listing.ts';
import { UtterancePacker } from './utterance-packer.ts';

export interface OpenCorpusOptions {
  /** names the cache and ffmpeg: see `cacheFolder` and `findFfmpeg` */
  readonly env: NodeJS.ProcessEnv;
  /** what is spoken, where a manifest does not say */
  readonly language?: string | undefined;
  /** only these are decoded; all if absent */
  readonly languages?: readonly string[] | undefined;
  /** Called for everything that is listed and cannot be used. */
  readonly onProblem?: ((problem: CorpusProblem) => void) | undefined;
  /** Called while audio is decoded, which is done once. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A manifest or folder of one's own. Its audio is decoded at the first time and kept in the cache, until a line of the
 * manifest changes, or a file's size or time.
 * @throws FloraAsrError `file_not_found`; `argument_invalid` if nothing in it can be used.
 */
export async function openOwnCorpus(path: string, options: OpenCorpusOptions): Promise<PackedCorpus> {
  const source = resolve(path);
  if ((await stat(source).catch(() => null)) === null) throw new FloraAsrError('file_not_found', `${path} is not there`);
  requireLanguage(options.language);
  const listing = selectLanguages(await readListing(source, options.language), options.languages);
  const { present, missing, digest } = await inspectAudio(listing);
  const cacheDir = cacheFolder(options.env);
  const choice = [source, options.language ?? '', ...(options.languages ?? [])].join('\n');
  const name = `own-${createHash('sha256').update(choice).digest('hex').slice(0, 16)}`;
  const known = openIfCurrent(corpusFolder(cacheDir, name), digest);
  const problems = [...listing.problems, ...missing];
  if (known === null) await pack({ name, cacheDir, source, digest, present, problems, options });
  const corpus = known ?? openPackedCorpus(corpusFolder(cacheDir, name), `open ${source} again`);
  for (const problem of corpus.problems) options.onProblem?.(problem);
  return corpus;
}

function requireLanguage(language: string | undefined): void {
  if (language === undefined || languageCode(language) !== null) return;
  throw new FloraAsrError('language_unknown', `"${language}" is no language of Whisper's, such as el or es-419`);
}

function selectLanguages(listing: CorpusListing, languages: readonly string[] | undefined): CorpusListing {
  if (languages === undefined) return listing;
  return {
    utterances: listing.utterances.filter(({ language }) => languages.includes(language)),
    problems: listing.problems.filter(({ language }) => language === UNDETERMINED || languages.includes(language)),
  };
}

function openIfCurrent(folder: string, digest: string): PackedCorpus | null {
  try {
    const corpus = openPackedCorpus(folder, '');
    return corpus.listingDigest === digest ? corpus : null;
  } catch (error) {
    if (error instanceof FloraAsrError && error.code === 'corpus_not_found') return null;
    throw error;
  }
}

interface AudioInspection {
  readonly present: readonly ListedUtterance[];
  readonly missing: readonly ListingProblem[];
  /** of all that is listed, and of sizes and times of the files */
  readonly digest: string;
}

async function inspectAudio(listing: CorpusListing): Promise<AudioInspection> {
  const present: ListedUtterance[] = [];
  const missing: ListingProblem[] = [];
  const stamps = new Map<string, string | null>();
  const hash = createHash('sha256').update(JSON.stringify(listing));
  for (const utterance of listing.utterances) {
    const { place, language, audioPath } = utterance;
    const file = utterance.archive ?? utterance.file;
    const known = stamps.get(file);
    const stamp = known === undefined ? await stampOf(file) : known;
    stamps.set(file, stamp);
    if (known === undefined) hash.update(`\n${stamp}`);
    if (stamp !== null) present.push(utterance);
    else missing.push({ ...place, reason: 'missing', language, message: `there is no audio ${audioPath}` });
  }
  return { present, missing, digest: hash.digest('hex') };
}

async function stampOf(file: string): Promise<string | null> {
  const about = await stat(file).catch(() => null);
  return about?.isFile() ? `${about.size} ${about.mtimeMs}` : null;
}

interface Packing {
  readonly name: string;
  readonly cacheDir: string;
  readonly source: string;
  readonly digest: string;
  readonly present: readonly ListedUtterance[];
  readonly problems: readonly ListingProblem[];
  readonly options: OpenCorpusOptions;
}

async function pack({ name, cacheDir, source, digest, present, problems, options }: Packing): Promise<void> {
  if (present.length === 0) throw nothingUsable(source, problems, options);
  const ffmpegPath = await findFfmpeg(options.env);
  await makeCorpus(cacheDir, name, async ({ packedFolder, workFolder }) => {
    const limits = { minSeconds: MIN_UTTERANCE_SECONDS, maxSeconds: MAX_UTTERANCE_SECONDS };
    const packer = new UtterancePacker({ folder: packedFolder, ...limits });
    for (const { language, reason } of problems) packer.leaveOut(language, reason);
    const all = [...problems];
    try {
      const { signal, onProgress } = options;
      all.push(...(await packListing({ packer, utterances: present, ffmpegPath, workFolder, signal, onProgress })));
    } finally {
      await packer.close();
    }
    if (packer.utterances === 0) throw nothingUsable(source, all, options);
    const languages = [...new Set(present.map(({ language }) => language))].sort(byCodeUnit);
    await packer.writeIndex({
      name: basename(source),
      source,
      languages,
      problems: all.map(withoutReason),
      listingDigest: digest,
    });
  });
}

function nothingUsable(source: string, problems: readonly ListingProblem[], { onProblem }: OpenCorpusOptions): FloraAsrError {
  const told = problems.map(withoutReason);
  for (const problem of told) onProblem?.(problem);
  const [first] = told;
  const why = first === undefined ? 'it lists nothing' : `${told.length} problems, the first: ${problemText(first)}`;
  return new FloraAsrError('argument_invalid', `${source} holds nothing that can be used: ${why}`);
}

function withoutReason({ reason: _reason, language: _language, ...problem }: ListingProblem): CorpusProblem {
  return problem;
}

/** `FILE:LINE: what is wrong` */
export function problemText({ file, line, message }: CorpusProblem): string {
  return `${line === undefined ? file : `${file}:${line}`}: ${message}`;
}
