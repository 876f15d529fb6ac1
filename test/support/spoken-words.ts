import type { RecognisedWord } from '../../asr/engine/job.ts';
import type { ShownResult } from '../../asr/streaming/shown-text.ts';
import type { TokenId } from '../../asr/whisper/config.ts';

/** A word is two tokens, which follow from how it is written: begun alike, words begin with the same token. */
function tokensOf(word: string): TokenId[] {
  const code = (text: string) => [...text].reduce((sum, letter) => (31 * sum + (letter.codePointAt(0) ?? 0)) % 50_000, 7);
  return [code(word.slice(0, 3)), code(word)] as TokenId[];
}

/** What is recognised of words, one after the other without a pause, each as long as it says, or 300 ms: `uno:400 dos`. */
export function recognised(
  written: string,
  trips: ShownResult['trips'] = [],
): ShownResult & { readonly words: RecognisedWord[] } {
  const words: RecognisedWord[] = [];
  const tokens: TokenId[] = [];
  let startMs = 0;
  for (const piece of written.split(' ').filter((word) => word !== '')) {
    const [word = '', durationMs = '300'] = piece.split(':');
    const firstToken = tokens.length;
    tokens.push(...tokensOf(word));
    const endMs = startMs + Number(durationMs);
    const text = firstToken === 0 ? word : ` ${word}`;
    words.push({ text, startMs, endMs, probability: 0.75, firstToken, endToken: tokens.length });
    startMs = endMs;
  }
  return { words, tokens, trips };
}
