import type { RecognisedWord } from '../../asr/engine/job.ts';
import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { Word } from './messages.ts';
import { plainText } from './plain-text.ts';

/** How words are told. */
export interface Wording {
  /** BCP-47 */
  readonly language: string;
  /** as they are written; else lower case without punctuation */
  readonly punctuate: boolean;
}

export function transcriptOf(text: string, { language, punctuate }: Wording): string {
  return punctuate ? text.trim() : plainText(text, language);
}

/**
 * Words in the time of the stream. What is nothing but punctuation is no word.
 * @param words of an utterance's own time
 * @param startMs where the utterance begins
 */
export function wordsOf(words: readonly RecognisedWord[] | null, startMs: number, language: string): Word[] {
  return (words ?? []).flatMap(({ text, startMs: from, endMs: to, probability }) => {
    const word = plainText(text, language);
    if (word === '') return [];
    const times = { start: toSeconds(startMs + from), end: toSeconds(startMs + to) };
    return [{ word, ...times, confidence: toThousandths(probability), language, punctuated_word: text.trim() }];
  });
}

/** The geometric mean of the tokens' probabilities; 0 without words, as Deepgram has it. */
export function confidenceOf({ text, tokenLogProbs }: Pick<RecognitionResult, 'text' | 'tokenLogProbs'>): number {
  if (text === '' || tokenLogProbs.length === 0) return 0;
  const mean = tokenLogProbs.reduce((sum, logProb) => sum + logProb, 0) / tokenLogProbs.length;
  return toThousandths(Math.min(1, Math.exp(mean)));
}

/** The mean of the words' confidences; 0 without words. */
export function meanConfidence(words: readonly Pick<Word, 'confidence'>[]): number {
  return words.length === 0 ? 0 : toThousandths(words.reduce((sum, { confidence }) => sum + confidence, 0) / words.length);
}

/** To the millisecond. */
export function toSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}

function toThousandths(value: number): number {
  return Math.round(1000 * value) / 1000;
}
