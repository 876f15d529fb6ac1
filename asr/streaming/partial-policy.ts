import type { RecognisedWord } from '../engine/job.ts';

/** What an utterance was thought to say when so much of it had been heard. */
export interface Hypothesis {
  readonly words: readonly RecognisedWord[];
  /** of the utterance */
  readonly heardMs: number;
}

/** How many of a hypothesis' words, from the first on. */
export interface PartialView {
  /** are shown */
  readonly shown: number;
  /** will not change: no more than are shown */
  readonly stable: number;
}

/** Judges a hypothesis, by itself and by the one before it of the same utterance. */
export type PartialPolicy = (hypothesis: Hypothesis, before: Hypothesis | null) => PartialView;

/**
 * agreement: what two hypotheses in a row begin with is stable (LocalAgreement-2; Liu, Spanakis and Niehues, 2020,
 *            arXiv 2005.11185). With a margin, words are shown, and agreed upon, that end so long before the end of the
 *            audio.
 * attention: what ends so long before the end of the audio, by where the decoder looked for it, is stable at once
 *            (AlignAtt; Papi, Turchi and Negri, 2023, arXiv 2305.11408). Words that end later are shown.
 */
export type PartialPolicySettings =
  | { readonly kind: 'agreement'; readonly marginMs?: number }
  | { readonly kind: 'attention'; readonly marginMs: number };

export const DEFAULT_POLICY: PartialPolicySettings = { kind: 'agreement' };

/** A word that ends so near to the end of the audio touches it: it may go on. Three encoder positions. */
const TOUCH_MS = 60;

export function createPartialPolicy({ kind, marginMs = 0 }: PartialPolicySettings): PartialPolicy {
  const clearMs = Math.max(marginMs, TOUCH_MS);
  switch (kind) {
    case 'agreement':
      return (hypothesis, before) => {
        const shown = wordsBefore(hypothesis, clearMs);
        return { shown, stable: Math.min(shown, agreedWords(hypothesis.words, before?.words ?? [])) };
      };
    case 'attention':
      return (hypothesis) => ({ shown: wordsBefore(hypothesis, TOUCH_MS), stable: wordsBefore(hypothesis, clearMs) });
  }
}

/** Words from the first on that end at least so long before the end of the audio. */
function wordsBefore({ words, heardMs }: Hypothesis, marginMs: number): number {
  const later = words.findIndex(({ endMs }) => endMs > heardMs - marginMs);
  return later === -1 ? words.length : later;
}

/** Words that both begin with, to the character. */
function agreedWords(words: readonly RecognisedWord[], others: readonly RecognisedWord[]): number {
  const different = words.findIndex(({ text }, index) => text !== others[index]?.text);
  return different === -1 ? words.length : different;
}
