import type { TokenId } from '../whisper/config.ts';

/** Consecutive tokens that make a word, and what they say. */
export interface WordPiece {
  readonly text: string;
  /** tokens of the text before the word, and behind it */
  readonly firstToken: number;
  readonly endToken: number;
}

/** A word with the punctuation written at it. */
export interface Word extends WordPiece {
  /** the word without its punctuation: what is heard of it */
  readonly spoken: Pick<WordPiece, 'firstToken' | 'endToken'>;
}

/** Written without blanks: each character counts as a word (openai/whisper, `split_to_word_tokens`). */
export const UNSPACED_LANGUAGES: ReadonlySet<string> = new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue']);
/** Written at the word behind, or before it (openai/whisper, `add_word_timestamps`). */
const PREPENDED = '"\'“¿([{-';
const APPENDED = '"\'.。,，!！?？:：”)]}、';
const ASCII_PUNCTUATION = /^[!-/:-@[-`{-~]*$/;

/**
 * Splits tokens into words as Whisper does. The texts of all words, joined, are what the tokens say; no word is empty,
 * and each token belongs to one.
 * @param whisperCode the model's own code for the language, such as `el`
 */
export function splitWords(
  tokens: readonly TokenId[],
  { decode, whisperCode }: { readonly decode: (tokens: readonly TokenId[]) => string; readonly whisperCode: string },
): readonly Word[] {
  const characters = splitCharacters(tokens, decode);
  const pieces = UNSPACED_LANGUAGES.has(whisperCode) ? characters : joinUnspaced(characters);
  return appendPunctuation(prependPunctuation(pieces.map((piece) => ({ ...piece, spoken: piece }))));
}

/** The fewest tokens at a time that make whole characters: a character in bytes is spelled by up to four tokens. */
function splitCharacters(tokens: readonly TokenId[], decode: (tokens: readonly TokenId[]) => string): readonly WordPiece[] {
  const whole = decode(tokens);
  const pieces: WordPiece[] = [];
  let [first, offset] = [0, 0];
  for (const index of tokens.keys()) {
    const text = decode(tokens.slice(first, index + 1));
    // bytes that a later token completes are something else in the whole text
    if (!whole.startsWith(text, offset)) continue;
    pieces.push({ text, firstToken: first, endToken: index + 1 });
    [first, offset] = [index + 1, offset + text.length];
  }
  return withRest(pieces, { text: whole.slice(offset), firstToken: first, endToken: tokens.length });
}

/** What is left over belongs to the last piece. */
function withRest(pieces: readonly WordPiece[], rest: WordPiece): readonly WordPiece[] {
  if (rest.firstToken === rest.endToken) return pieces;
  const last = pieces.at(-1);
  return last === undefined ? [rest] : pieces.with(-1, join(last, rest));
}

/** A word begins at a blank; punctuation stands alone until it is merged. */
function joinUnspaced(pieces: readonly WordPiece[]): readonly WordPiece[] {
  const words: WordPiece[] = [];
  for (const piece of pieces) {
    const last = words.at(-1);
    if (last === undefined || piece.text.startsWith(' ') || ASCII_PUNCTUATION.test(piece.text.trim())) words.push(piece);
    else words[words.length - 1] = join(last, piece);
  }
  return words;
}

/** From the end, so that several marks before a word all get to it. */
function prependPunctuation(words: readonly Word[]): readonly Word[] {
  const merged: Word[] = [];
  for (const word of words.toReversed()) {
    const following = merged.at(-1);
    const opens = word.text.startsWith(' ') && isAmong(word.text.trim(), PREPENDED);
    if (following === undefined || !opens) merged.push(word);
    else merged[merged.length - 1] = { ...join(word, following), spoken: following.spoken };
  }
  return merged.reverse();
}

function appendPunctuation(words: readonly Word[]): readonly Word[] {
  const merged: Word[] = [];
  for (const word of words) {
    const previous = merged.at(-1);
    const closes = previous !== undefined && !previous.text.endsWith(' ') && isAmong(word.text, APPENDED);
    if (closes) merged[merged.length - 1] = { ...join(previous, word), spoken: previous.spoken };
    else merged.push(word);
  }
  return merged;
}

function isAmong(text: string, marks: string): boolean {
  return text !== '' && marks.includes(text);
}

function join(left: WordPiece, right: WordPiece): WordPiece {
  return { text: left.text + right.text, firstToken: left.firstToken, endToken: right.endToken };
}
