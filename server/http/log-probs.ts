import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { TokenBytes } from '../../asr/whisper/token-bytes.ts';
import type { LogProb } from '../protocol/audio-answers.ts';

/** Of the text's tokens; that of end-of-text is left out. */
export function logProbsOf(
  { tokens, tokenLogProbs }: Pick<RecognitionResult, 'tokens' | 'tokenLogProbs'>,
  tokenBytes: TokenBytes,
): LogProb[] {
  const utf8 = new TextDecoder();
  return tokens.map((token, index) => {
    const bytes = tokenBytes(token);
    return { token: utf8.decode(bytes), bytes: [...bytes], logprob: tokenLogProbs[index] ?? 0 };
  });
}
