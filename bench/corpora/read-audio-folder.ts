import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { byCodeUnit } from './corpus.ts';
import { type CorpusListing, ListingBuilder } from './corpus-listing.ts';
import { languageCode } from './language-code.ts';

const AUDIO_EXTENSIONS = new Set(['.wav', '.flac', '.mp3', '.ogg', '.opus', '.m4a', '.webm', '.aac']);

/**
 * Reads a folder, and those below it, that holds recordings with their texts beside them: `NAME.wav`, `NAME.txt`.
 * @param language of all; where it is absent, a folder next below is named by its language: `el/…`
 */
export async function readAudioFolder(folder: string, language?: string): Promise<CorpusListing> {
  const paths = (await readdir(folder, { recursive: true })).map((path) => path.replaceAll('\\', '/')).sort(byCodeUnit);
  const known = new Set(paths);
  const builder = new ListingBuilder();
  for (const path of paths) {
    const extension = extname(path);
    if (!AUDIO_EXTENSIONS.has(extension.toLowerCase())) continue;
    const textPath = `${path.slice(0, -extension.length)}.txt`;
    const [above = ''] = path.split('/');
    builder.add({
      place: { file: join(folder, path) },
      audioPath: path,
      file: (audioPath) => join(folder, audioPath),
      text: known.has(textPath) ? await readFile(join(folder, textPath), 'utf8') : undefined,
      language: language ?? (path.includes('/') && languageCode(above) !== null ? above : undefined),
    });
  }
  return builder.listing;
}
