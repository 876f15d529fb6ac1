import { type Interval, type ResampleOptions, rateInterval } from './bootstrap.ts';
import { normaliseText } from './normalise.ts';
import { type PunctuationCounts, punctuationCounts, punctuationF1, sumPunctuation } from './punctuation.ts';
import { characterErrors, type EditCounts, editDistance, sumEdits, wordErrors } from './wer.ts';

export interface TextPair {
  readonly reference: string;
  /** null: there is none, and all words of the reference count as deleted */
  readonly hypothesis: string | null;
}

/** The errors of one utterance. */
export interface PairErrors {
  /** normalised */
  readonly words: EditCounts;
  readonly characters: EditCounts;
  /** as written, case and punctuation included */
  readonly wordsRaw: EditCounts;
  readonly charactersRaw: EditCounts;
  readonly punctuation: PunctuationCounts;
}

/** Rates are fractions, errors over the length of the references; insertions can take them over 1. NaN of no words. */
export interface Scores {
  /** normalised: see `normaliseText` */
  readonly wer: number;
  readonly cer: number;
  /** as written; NFC, as the normalised ones are */
  readonly werRaw: number;
  readonly cerRaw: number;
  /** NaN where neither side has a mark */
  readonly punctuationF1: number;
  /** of normalised words */
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
  /** of the normalised references */
  readonly words: number;
  readonly utterances: number;
  /** utterances that are not scored: nothing is left of their references when they are normalised */
  readonly excluded: number;
  /** of `wer`, over utterances */
  readonly interval: Interval;
}

/** Null if the reference is empty once it is normalised: such an utterance is excluded. */
export function scorePair({ reference, hypothesis }: TextPair): PairErrors | null {
  const said = normaliseText(reference);
  if (said === '') return null;
  const heard = normaliseText(hypothesis ?? '');
  const [saidRaw, heardRaw] = [reference.normalize('NFC'), (hypothesis ?? '').normalize('NFC')];
  return {
    words: wordErrors(said, heard),
    characters: characterErrors(said, heard),
    wordsRaw: wordErrors(saidRaw, heardRaw),
    charactersRaw: characterErrors(saidRaw, heardRaw),
    punctuation: punctuationCounts(saidRaw, heardRaw),
  };
}

/** The rates of a corpus: errors and lengths are summed over its utterances, and then divided. */
export function score(pairs: readonly TextPair[], options: ResampleOptions): Scores {
  return totalScores(pairs.map(scorePair), options);
}

/** @param all null for utterances that are excluded */
export function totalScores(all: readonly (PairErrors | null)[], options: ResampleOptions): Scores {
  const scored = all.filter((errors) => errors !== null);
  const words = sumEdits(scored.map((one) => one.words));
  return {
    wer: rateOf(words),
    cer: rateOf(sumEdits(scored.map((one) => one.characters))),
    werRaw: rateOf(sumEdits(scored.map((one) => one.wordsRaw))),
    cerRaw: rateOf(sumEdits(scored.map((one) => one.charactersRaw))),
    punctuationF1: punctuationF1(sumPunctuation(scored.map((one) => one.punctuation))),
    substitutions: words.substitutions,
    deletions: words.deletions,
    insertions: words.insertions,
    words: words.referenceLength,
    utterances: scored.length,
    excluded: all.length - scored.length,
    interval: rateInterval([scored.map((one) => wordRatio(one))], options),
  };
}

/** What the bootstrap resamples: word errors of one utterance, over its words. */
export function wordRatio({ words }: PairErrors): { readonly errors: number; readonly length: number } {
  return { errors: editDistance(words), length: words.referenceLength };
}

function rateOf(counts: EditCounts): number {
  return editDistance(counts) / counts.referenceLength;
}
