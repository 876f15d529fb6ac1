import type { TokenId } from '../whisper/config.ts';
import type { TextTokenizer } from '../whisper/tokenizer.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Whisper's marks for what is not speech: brackets, notes, dashes of a new speaker (openai/whisper, tokenizer.py). */
const SYMBOLS = [
  ...'"#()*+/:;<=>@[\\]^_`{|}~「」『』',
  ...'<< >> <<< >>> -- --- -( -[ (\' (" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪'.split(' '),
];
/** U+2640 to U+267F share their first two bytes, so the first of several tokens can be suppressed as well. */
const MUSIC = [...'♩♪♫♬♭♮♯'];

/**
 * The tokens that are never generated: exactly those of faster-whisper under its default
 * `suppress_tokens=[-1]`, because its transcripts are compared with ours token by token. Like it, this
 * works them out with the tokenizer: lists in configurations differ between conversions.
 * Timestamps are not among them.
 */
export function suppressedTokens(tokenizer: TextTokenizer, vocabulary: Vocabulary): readonly TokenId[] {
  const { special, startOfLanguageModel } = vocabulary;
  const tokens = new Set<TokenId>([
    special.transcribe,
    special.translate,
    special.startOfTranscript,
    special.startOfPrevious,
    startOfLanguageModel,
    special.noSpeech,
  ]);
  const addFirst = (text: string) => {
    const [first] = tokenizer.encode(text);
    if (first !== undefined) tokens.add(first);
  };
  // hyphen and apostrophe stand between words, not before one
  addFirst(' -');
  addFirst(" '");
  for (const symbol of [...SYMBOLS, ...MUSIC]) {
    for (const text of [symbol, ` ${symbol}`]) {
      if (MUSIC.includes(symbol) || tokenizer.encode(text).length === 1) addFirst(text);
    }
  }
  return [...tokens].sort((a, b) => a - b);
}

/** As `suppress_blank`: a transcript begins neither with a lone space nor with its end. */
export function beginSuppressedTokens(tokenizer: TextTokenizer, { special }: Vocabulary): readonly TokenId[] {
  return [...tokenizer.encode(' '), special.endOfText];
}
