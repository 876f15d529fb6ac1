import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { TokenBytes } from '../../asr/whisper/token-bytes.ts';
import type { LogProb } from './server-events.ts';

/** How probable each token of a text was, in its order; that the text ends is none of them. */
export function tokenLogProbs(
  { tokens, tokenLogProbs: values }: Pick<RecognitionResult, 'tokens' | 'tokenLogProbs'>,
  bytesOf: TokenBytes,
): readonly LogProb[] {
  return tokens.map((token, index) => {
    const bytes = bytesOf(token);
    // part of a character shows as U+FFFD; the bytes tell what it is
    return { token: new TextDecoder().decode(bytes), bytes: [...bytes], logprob: Math.min(0, values[index] ?? 0) };
  });
}
