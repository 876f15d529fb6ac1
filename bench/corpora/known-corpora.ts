import { FloraAsrError } from '../../kernels/errors.ts';
import { openAsterisk, pullAsterisk } from './asterisk.ts';
import { openFestvoxRu, pullFestvoxRu } from './festvox-ru.ts';
import type { PackedCorpus } from './packed-corpus.ts';
import type { PullOptions } from './pull-options.ts';
import { openTuxpaint, pullTuxpaint } from './tuxpaint.ts';

/** A corpus that has a name of its own, and can be fetched. */
export interface KnownCorpus {
  readonly name: string;
  readonly about: string;
  /** @throws FloraAsrError `corpus_not_found` if it was not pulled */
  readonly open: (cacheDir: string) => PackedCorpus;
  readonly pull: (options: PullOptions) => Promise<PackedCorpus>;
}

export const KNOWN_CORPORA: readonly KnownCorpus[] = [
  {
    name: 'tuxpaint',
    about: 'spoken descriptions in ca bg el ro be ru es fr (Debian package, GPL-2, 160 MB)',
    open: openTuxpaint,
    pull: pullTuxpaint,
  },
  {
    name: 'asterisk',
    about: 'telephone prompts in en es fr it ru, other voices, all `test` (Debian packages, CC BY and CC BY-SA 3.0, 55 MB)',
    open: openAsterisk,
    pull: pullAsterisk,
  },
  {
    name: 'festvox-ru',
    about: 'one man reads sentences of novels, in ru (Debian package, BSD-like licence, 180 MB)',
    open: openFestvoxRu,
    pull: pullFestvoxRu,
  },
];

/** The corpus if it is here, null if it was not pulled. */
export function openIfPulled(known: KnownCorpus, cacheDir: string): PackedCorpus | null {
  try {
    return known.open(cacheDir);
  } catch (error) {
    if (error instanceof FloraAsrError && error.code === 'corpus_not_found') return null;
    throw error;
  }
}
