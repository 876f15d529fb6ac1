import { stat } from 'node:fs/promises';
import { cacheFolder } from '../../asr/weights/cache-folder.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { KNOWN_CORPORA } from './known-corpora.ts';
import { type OpenCorpusOptions, openOwnCorpus } from './own-corpus.ts';
import type { PackedCorpus } from './packed-corpus.ts';

/**
 * A corpus that has a name, from the cache; or a manifest (`.jsonl`, `.tsv`), a folder of Common Voice or FLEURS, or one
 * with recordings and their texts. A folder that is called like a corpus is meant by `./tuxpaint`.
 * @throws FloraAsrError `corpus_not_found` if it was not pulled, `file_not_found`, `argument_invalid` if nothing in it
 *   can be used, `language_unknown` if `language` is none of Whisper's, and what decoding throws.
 */
export async function openCorpus(nameOrPath: string, options: OpenCorpusOptions): Promise<PackedCorpus> {
  const known = KNOWN_CORPORA.find(({ name }) => name === nameOrPath);
  if (known !== undefined) return known.open(cacheFolder(options.env));
  if ((await stat(nameOrPath).catch(() => null)) === null) {
    const names = KNOWN_CORPORA.map(({ name }) => name).join(', ');
    throw new FloraAsrError(
      'file_not_found',
      `${nameOrPath} is neither a file, nor a folder, nor a corpus: those are ${names}`,
    );
  }
  return openOwnCorpus(nameOrPath, options);
}
