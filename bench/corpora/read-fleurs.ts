import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SPLITS, type Split } from './corpus.ts';
import { type CorpusListing, ListingBuilder } from './corpus-listing.ts';
import { languageFolders } from './language-folders.ts';
import { parseTsv } from './tsv.ts';

/** Columns, without a line of names: id, file_name, raw_transcription, transcription, phonemes, samples, gender. */
const FILE_NAME = 1;
const RAW_TRANSCRIPTION = 2;
const LEAST_COLUMNS = 4;

/** The folders of single languages in FLEURS: `folder`, those in it or in its `data/`; none if it is no such. */
export async function fleursFolders(folder: string): Promise<readonly string[]> {
  const found = await languageFolders(folder, 'audio');
  return found.length > 0 ? found : languageFolders(join(folder, 'data'), 'audio');
}

/**
 * Reads FLEURS as it is laid out on Hugging Face: for each language `train.tsv`, `dev.tsv`, `test.tsv` and their audio,
 * `audio/train.tar.gz` as it comes or `audio/train/`, unpacked. Its speakers have no names.
 * @param language in place of the folder's name, such as `el_gr`
 */
export async function readFleurs(folders: readonly string[], language?: string): Promise<CorpusListing> {
  const builder = new ListingBuilder();
  for (const folder of folders) {
    for (const split of SPLITS) {
      const path = join(folder, `${split}.tsv`);
      const table = await readFile(path, 'utf8').catch(() => null);
      if (table === null) continue;
      const archive = await archiveOf(folder, split);
      for (const { line, fields } of parseTsv(table)) {
        const place = { file: path, line };
        if (fields.length < LEAST_COLUMNS) {
          builder.leaveOut(place, 'malformed', `it has ${fields.length} fields; FLEURS has id, file name, texts, …`);
          continue;
        }
        const name = basename(fields[FILE_NAME]?.trim() ?? '');
        builder.add({
          place,
          audioPath: name === '' ? undefined : `${basename(folder)}/${split}/${name}`,
          file: () => (archive === undefined ? join(folder, 'audio', split, name) : `${split}/${name}`),
          archive,
          text: fields[RAW_TRANSCRIPTION],
          language: language ?? basename(folder),
          split,
        });
      }
    }
  }
  return builder.listing;
}

/** The archive, unless it lies there unpacked. */
async function archiveOf(folder: string, split: Split): Promise<string | undefined> {
  const unpacked = await stat(join(folder, 'audio', split)).catch(() => null);
  if (unpacked?.isDirectory()) return undefined;
  const archive = join(folder, 'audio', `${split}.tar.gz`);
  return (await stat(archive).catch(() => null)) === null ? undefined : archive;
}
