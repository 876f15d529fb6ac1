import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { CorpusListing } from './corpus-listing.ts';
import { readAudioFolder } from './read-audio-folder.ts';
import { commonVoiceFolders, readCommonVoice } from './read-common-voice.ts';
import { fleursFolders, readFleurs } from './read-fleurs.ts';
import { readJsonlManifest } from './read-jsonl-manifest.ts';
import { readTsvManifest } from './read-tsv-manifest.ts';

/**
 * What a manifest or a folder lists, told by how it is laid out.
 * @param language where it does not say
 * @throws FloraAsrError `argument_invalid`
 */
export async function readListing(path: string, language?: string): Promise<CorpusListing> {
  if ((await stat(path)).isDirectory()) return readFolder(path, language);
  switch (extname(path).toLowerCase()) {
    case '.jsonl':
      return readJsonlManifest(path, language);
    case '.tsv':
      return readTsvManifest(path, language);
    default:
      throw new FloraAsrError('argument_invalid', `${path} is neither a manifest, .jsonl or .tsv, nor a folder`);
  }
}

async function readFolder(folder: string, language: string | undefined): Promise<CorpusListing> {
  const fleurs = await fleursFolders(folder);
  if (fleurs.length > 0) return readFleurs(fleurs, language);
  const commonVoice = await commonVoiceFolders(folder);
  if (commonVoice.length > 0) return readCommonVoice(commonVoice, language);
  return readAudioFolder(folder, language);
}
