import type { RecognisedWord, Recognition } from '../engine/job.ts';
import type { TokenId } from '../whisper/config.ts';
import { type Hypothesis, nextHypothesis, type PartialPolicy, sameWords } from './partial-policy.ts';
import { beforeRepetition } from './repetition.ts';

/** The beginning of an utterance's text that will not change: the prefix of each further row of it. */
export interface StableText {
  readonly text: string;
  readonly tokens: readonly TokenId[];
}

/** What an utterance shows so far. */
export interface ShownText {
  /** begins with the stable text */
  readonly text: string;
  readonly words: readonly RecognisedWord[];
  readonly stable: StableText;
  /** the last one that was believed */
  readonly hypothesis: Hypothesis | null;
  /** its tokens, which begin with the stable ones */
  readonly said: readonly TokenId[];
}

/** What is read of a row's result. */
export type ShownResult = Pick<Recognition, 'words' | 'tokens' | 'trips'>;

export const NOTHING_STABLE: StableText = { text: '', tokens: [] };
export const NOTHING_SHOWN: ShownText = { text: '', words: [], stable: NOTHING_STABLE, hypothesis: null, said: [] };

/** Stands for bytes that are no character. */
const NO_CHARACTER = '\uFFFD';

/**
 * What is shown once so much more was heard. Stable text only grows, by whole words; what is shown stays as long as the
 * results say it; of a result that a guard does not believe, nothing is shown.
 * @param result of a row whose prefix was the stable text
 */
export function showResult(
  shown: ShownText,
  result: ShownResult,
  heard: { heardMs: number; policy: PartialPolicy },
): ShownText {
  const { tokens, trips } = result;
  const { stable: before } = shown;
  if (result.words === null || trips.length > 0 || !beginsWith(tokens, before.tokens)) return shown;
  const words = wholeWords(result.words);
  const hypothesis = nextHypothesis({ words, heardMs: heard.heardMs }, shown.hypothesis);
  const view = heard.policy(hypothesis);
  const stable = stableText(result, beforeRepetition(words, tokens, view.stable));
  const kept = stable.tokens.length > before.tokens.length ? stable : before;
  // what is stable is shown, even where its last word is now thought to be longer, or to be said later
  const count = Math.max(view.shown, sameWords(words, shown.words), wordsFor(words, kept.tokens.length));
  const visible = words.slice(0, count);
  return { text: textOf(visible), words: visible, stable: kept, hypothesis, said: tokens };
}

/** What the next row is likely to say behind the stable text. */
export function draftOf({ stable, said }: ShownText): readonly TokenId[] {
  return said.slice(stable.tokens.length);
}

/** How many of the words it takes to have so many tokens. */
export function wordsFor(words: readonly RecognisedWord[], tokens: number): number {
  if (tokens === 0) return 0;
  const last = words.findIndex(({ endToken }) => endToken >= tokens);
  return last === -1 ? words.length : last + 1;
}

/** The first words of a result, as stable text. */
export function stableText({ words, tokens }: Pick<ShownResult, 'words' | 'tokens'>, count: number): StableText {
  const first = (words ?? []).slice(0, count);
  return { text: textOf(first), tokens: tokens.slice(0, first.at(-1)?.endToken ?? 0) };
}

/** Up to the first that has not all of its bytes. */
function wholeWords(words: readonly RecognisedWord[]): readonly RecognisedWord[] {
  const broken = words.findIndex(({ text }) => text.includes(NO_CHARACTER));
  return broken === -1 ? words : words.slice(0, broken);
}

/** As a result's text is made of its tokens. */
function textOf(words: readonly RecognisedWord[]): string {
  return words
    .map(({ text }) => text)
    .join('')
    .trim();
}

function beginsWith(tokens: readonly TokenId[], prefix: readonly TokenId[]): boolean {
  return prefix.every((token, index) => tokens[index] === token);
}
