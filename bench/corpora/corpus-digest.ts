import { createHash } from 'node:crypto';
import { byCodeUnit, type Corpus, type Utterance } from './corpus.ts';

/**
 * sha256, in hex, over the ids, languages, texts and samples of utterances, in whatever order they come: what an adapter
 * says of the data that it was trained on.
 */
export function corpusDigest(corpus: Corpus, utterances: readonly Utterance[]): string {
  const hash = createHash('sha256');
  const ordered = [...utterances].sort((left, right) => byCodeUnit(left.id, right.id));
  for (const utterance of ordered) {
    const samples = corpus.samples(utterance);
    const { id, language, text } = utterance;
    hash.update(`${JSON.stringify([id, language, text, samples.length])}\n`);
    hash.update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }
  return hash.digest('hex');
}
