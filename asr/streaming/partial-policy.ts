import type { RecognisedWord } from '../engine/job.ts';

/** What an utterance was thought to say when so much of it had been heard. */
export interface Hypothesis {
  readonly words: readonly RecognisedWord[];
  /** of the utterance */
  readonly heardMs: number;
  /** of each word: what had been heard when hypotheses began to say it and all words before it, and no other since */
  readonly saidSinceMs: readonly number[];
}

/** How many of a hypothesis' words, from the first on. */
export interface PartialView {
  /** are shown */
  readonly shown: number;
  /** will not change: no more than are shown */
  readonly stable: number;
}

/** Judges what an utterance is thought to say by now. */
export type PartialPolicy = (hypothesis: Hypothesis) => PartialView;

/**
 * agreement: what all hypotheses of the last `spanMs` of audio begin with is stable, two of them at least. Without a
 *            span it is LocalAgreement-2 (Liu, Spanakis and Niehues, 2020, arXiv 2005.11185).
 * attention: what ends so long before the end of the audio, by where the decoder looked for it, is stable at once
 *            (AlignAtt; Papi, Turchi and Negri, 2023, arXiv 2305.11408).
 *
 * Of the words behind, those are shown that the model gives at least the probability `confidence`, up to the first
 * that it does not.
 */
export type PartialPolicySettings = { readonly confidence: number } & (
  | { readonly kind: 'agreement'; readonly spanMs: number }
  | { readonly kind: 'attention'; readonly marginMs: number }
);

/** Of those that the bench `partials` compares: shows words early, changes few, and costs the finals no accuracy. */
export const DEFAULT_POLICY: PartialPolicySettings = { kind: 'agreement', spanMs: 400, confidence: 0.7 };

/** A word that ends so near to the end of the audio touches it: it may go on. Three encoder positions. */
const TOUCH_MS = 60;

export function createPartialPolicy(settings: PartialPolicySettings): PartialPolicy {
  const isStable = stability(settings);
  return (hypothesis) => {
    const { words, heardMs } = hypothesis;
    const isWhole = ({ endMs }: RecognisedWord) => endMs <= heardMs - TOUCH_MS;
    const stable = leading(words, (word, index) => isWhole(word) && isStable(hypothesis, index));
    const isShown = (word: RecognisedWord) => isWhole(word) && word.probability >= settings.confidence;
    return { shown: stable + leading(words.slice(stable), isShown), stable };
  };
}

/** The next thought, after `before`. */
export function nextHypothesis(
  { words, heardMs }: Pick<Hypothesis, 'words' | 'heardMs'>,
  before: Hypothesis | null,
): Hypothesis {
  const same = sameWords(words, before?.words ?? []);
  const saidSinceMs = words.map((_, index) => (index < same ? (before?.saidSinceMs[index] ?? heardMs) : heardMs));
  return { words, heardMs, saidSinceMs };
}

/** Words that both begin with, to the character. */
export function sameWords(words: readonly RecognisedWord[], others: readonly RecognisedWord[]): number {
  return leading(words, ({ text }, index) => text === others[index]?.text);
}

function stability(settings: PartialPolicySettings): (hypothesis: Hypothesis, index: number) => boolean {
  switch (settings.kind) {
    case 'agreement':
      return ({ heardMs, saidSinceMs }, index) => {
        const agreedMs = heardMs - (saidSinceMs[index] ?? heardMs);
        return agreedMs > 0 && agreedMs >= settings.spanMs;
      };
    case 'attention':
      return ({ words, heardMs }, index) => (words[index]?.endMs ?? heardMs) <= heardMs - settings.marginMs;
  }
}

/** How many items from the first on. */
function leading<Item>(items: readonly Item[], holds: (item: Item, index: number) => boolean): number {
  const first = items.findIndex((item, index) => !holds(item, index));
  return first === -1 ? items.length : first;
}
