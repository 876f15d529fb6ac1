import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { SPLITS } from './corpus.ts';
import { type CorpusListing, ListingBuilder } from './corpus-listing.ts';
import { languageFolders } from './language-folders.ts';
import { parseNamedTsv } from './tsv.ts';

/** The folders of single languages in a Common Voice corpus: `folder` itself, or those in it; none if it is no such. */
export async function commonVoiceFolders(folder: string): Promise<readonly string[]> {
  return languageFolders(folder, 'clips');
}

/**
 * Reads Common Voice as it is laid out when downloaded: for each language `clips/` and `train.tsv`, `dev.tsv`, `test.tsv`.
 * @param language of a table without the column `locale`, in place of the folder's name
 */
export async function readCommonVoice(folders: readonly string[], language?: string): Promise<CorpusListing> {
  const builder = new ListingBuilder();
  for (const folder of folders) {
    for (const split of SPLITS) {
      const path = join(folder, `${split}.tsv`);
      const table = await readFile(path, 'utf8').catch(() => null);
      if (table === null) continue;
      const { names, lines } = parseNamedTsv(table);
      if (!(names.includes('path') && names.includes('sentence'))) {
        throw new FloraAsrError('argument_invalid', `${path}:1: Common Voice has columns path and sentence there`);
      }
      for (const { line, fields } of lines) {
        const place = { file: path, line };
        if (fields === null) {
          builder.leaveOut(place, 'malformed', `it has another number of fields than the first line, ${names.length}`);
          continue;
        }
        const clip = fields.get('path')?.trim() ?? '';
        builder.add({
          place,
          // unique among languages; early releases leave out the extension
          audioPath: clip === '' ? undefined : `${basename(folder)}/clips/${extname(clip) === '' ? `${clip}.mp3` : clip}`,
          file: (audioPath) => join(folder, 'clips', basename(audioPath)),
          text: fields.get('sentence'),
          language: fields.get('locale') || language || basename(folder),
          speaker: fields.get('client_id'),
          split,
        });
      }
    }
  }
  return builder.listing;
}
