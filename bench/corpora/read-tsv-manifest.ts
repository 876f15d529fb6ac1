import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { type CorpusListing, ListingBuilder } from './corpus-listing.ts';
import { parseNamedTsv } from './tsv.ts';

const AUDIO = ['audio', 'path'];
const TEXT = ['text', 'sentence'];

/**
 * Reads a table with a line of names at its top: `audio` (or `path`), `text` (or `sentence`), and as far as there are
 * such `language`, `speaker`, `split`, `start`, `end`; paths of audio are relative to it.
 * @param language of lines that name none
 * @throws FloraAsrError `argument_invalid` if it has no columns of audio and text.
 */
export async function readTsvManifest(path: string, language?: string): Promise<CorpusListing> {
  const { names, lines } = parseNamedTsv(await readFile(path, 'utf8'));
  const [audioName, textName] = [AUDIO, TEXT].map((known) => known.find((name) => names.includes(name)));
  if (audioName === undefined || textName === undefined) {
    const expected = 'audio (or path) and text (or sentence), separated by tabs';
    throw new FloraAsrError('argument_invalid', `${path}:1: the first line is to name columns, among them ${expected}`);
  }
  const builder = new ListingBuilder();
  for (const { line, fields } of lines) {
    const place = { file: path, line };
    if (fields === null) {
      builder.leaveOut(place, 'malformed', `it has another number of fields than the first line, ${names.length}`);
      continue;
    }
    builder.add({
      place,
      audioPath: fields.get(audioName),
      file: (audio) => resolve(dirname(path), audio),
      text: fields.get(textName),
      language: fields.get('language') || language,
      speaker: fields.get('speaker'),
      split: fields.get('split'),
      startSeconds: seconds(fields.get('start')),
      endSeconds: seconds(fields.get('end')),
    });
  }
  return builder.listing;
}

/** NaN, which is refused later, for what is no number. */
function seconds(field: string | undefined): number | undefined {
  return field === undefined || field.trim() === '' ? undefined : Number(field);
}
