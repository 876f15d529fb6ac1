import type { TokenId } from '../whisper/config.ts';

/**
 * Added to the logit of a token that begins a phrase, and of one that goes on in a phrase that has begun: so much more
 * does a phrase have to be unlikely before another is taken (chosen by trying, docs/adr/0012).
 */
const BEGIN_BONUS = 1;
const CONTINUE_BONUS = 4;

/** Phrases by their tokens: what may follow what has been said of one. */
export interface PhraseTree {
  readonly next: ReadonlyMap<TokenId, PhraseTree>;
}

/** The phrases that a row favours, as they begin within a text, and at its very beginning, where no blank need be. */
export interface HotWords {
  readonly within: PhraseTree;
  readonly atBeginning: PhraseTree;
}

/** @param unspaced whether the language is written without blanks, so that a phrase begins anywhere without one */
export function hotWordTrees(
  phrases: readonly string[],
  { encode, unspaced }: { readonly encode: (text: string) => readonly TokenId[]; readonly unspaced: boolean },
): HotWords {
  const bare = phrases.map((phrase) => encode(phrase.trim()));
  const spaced = phrases.map((phrase) => encode(` ${phrase.trim()}`));
  const atBeginning = phraseTree([...bare, ...spaced]);
  return { within: unspaced ? atBeginning : phraseTree(spaced), atBeginning };
}

interface GrowingTree {
  readonly next: Map<TokenId, GrowingTree>;
}

function phraseTree(phrases: readonly (readonly TokenId[])[]): PhraseTree {
  const root: GrowingTree = { next: new Map() };
  for (const phrase of phrases) {
    let place = root;
    for (const token of phrase) {
      const child: GrowingTree = place.next.get(token) ?? { next: new Map() };
      place.next.set(token, child);
      place = child;
    }
  }
  return root;
}

/** Adds to a mask what makes phrases likelier after a text, in place; what is masked stays so. */
export function favourHotWords(words: HotWords, tokens: readonly TokenId[], mask: Float32Array): void {
  const bonuses = new Map<TokenId, number>();
  for (const token of rootAt(words, tokens.length).next.keys()) bonuses.set(token, BEGIN_BONUS);
  for (const place of begunPhrases(words, tokens)) {
    for (const token of place.next.keys()) bonuses.set(token, CONTINUE_BONUS);
  }
  for (const [token, bonus] of bonuses) mask[token] = (mask[token] as number) + bonus;
}

/** Where in their phrases those stand that a text ends in. */
function begunPhrases(words: HotWords, tokens: readonly TokenId[]): readonly PhraseTree[] {
  let places: readonly PhraseTree[] = [];
  for (const [index, token] of tokens.entries()) {
    places = [rootAt(words, index), ...places].flatMap((place) => place.next.get(token) ?? []);
  }
  return places;
}

function rootAt({ within, atBeginning }: HotWords, index: number): PhraseTree {
  return index === 0 ? atBeginning : within;
}
