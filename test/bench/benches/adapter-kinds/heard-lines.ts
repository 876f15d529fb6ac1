import type { HeardLine } from '../../../../bench/benches/adapter-kinds/cell-cache.ts';
import { textHypothesis } from '../../../../bench/wer/hypothesis.ts';

/** An utterance of ten words, of which so many were heard wrongly. */
export function line(id: string, errors: number, language = id.slice(0, 2)): HeardLine {
  const words = { substitutions: errors, deletions: 0, insertions: 0, referenceLength: 10 };
  return { id, language, reference: 'ten words', words, hypothesis: textHypothesis('heard') };
}

/** Twelve utterances of a language with these errors in turn. */
export function twelve(language: string, ...errors: readonly number[]): readonly HeardLine[] {
  return Array.from({ length: 12 }, (_, index) => line(`${language}/${index}`, errors[index % errors.length] ?? 0));
}
