import { decoderRoom, tokenLimit } from '../../asr/decoding/token-limit.ts';
import { SAMPLES_PER_POSITION } from '../../asr/features/context.ts';
import type { TokenId, WhisperConfig } from '../../asr/whisper/config.ts';
import { promptTokens } from '../../asr/whisper/prompt.ts';
import type { TextTokenizer } from '../../asr/whisper/tokenizer.ts';
import { sayableText } from './sayable-text.ts';

/** What a text is prepared for. */
export interface TextModel {
  readonly config: WhisperConfig;
  readonly tokenizer: TextTokenizer;
}

/**
 * Why an utterance cannot be learned.
 *   no_text:          nothing of it can be said
 *   unwritable_token: it needs a token that the decoder never writes
 *   decoder_full:     it is longer than the decoder has room for
 *   not_sayable:      it is longer than decoding allows an utterance of this length, as more than can be said in its time
 */
export type Refusal = 'no_text' | 'unwritable_token' | 'decoder_full' | 'not_sayable';

export type TrainingTokens =
  | { readonly kind: 'fits'; readonly tokens: readonly TokenId[] }
  | { readonly kind: 'refused'; readonly reason: Refusal; readonly message: string };

/**
 * The tokens of a text as Whisper writes it, with a space before it; or why decoding would never give them.
 * @param sampleCount of the utterance, at 16 kHz
 */
export function trainingTokens(text: string, sampleCount: number, { config, tokenizer }: TextModel): TrainingTokens {
  const said = sayableText(text);
  if (said === '') return refused('no_text', `Nothing of "${text}" can be said.`);
  const tokens = tokenizer.encode(` ${said}`);
  const unwritable = tokens.find((token) => token >= config.special.endOfText || config.suppressTokens.includes(token));
  if (unwritable !== undefined) {
    const sign = tokenizer.decode([unwritable]);
    return refused('unwritable_token', `The decoder never writes token ${unwritable} ("${sign}") of "${text}".`);
  }
  const most = mostTokens(sampleCount, config);
  if (tokens.length <= most) return { kind: 'fits', tokens };
  const reason = tokens.length > mostTokens(longestUtterance(config), config) ? 'decoder_full' : 'not_sayable';
  return refused(reason, `"${text}" has ${tokens.length} tokens, but decoding ends after ${most} in ${sampleCount} samples.`);
}

/** The most text tokens of which decoding sees the end: it stops at its limit without looking for end-of-text. */
export function mostTokens(sampleCount: number, config: WhisperConfig): number {
  return tokenLimit(sampleCount, positionsOf(config)) - 1;
}

/** The fewest samples that so many text tokens may be said in; null if the decoder has no room for them. */
export function fewestSamples(tokens: number, config: WhisperConfig): number | null {
  if (tokens > decoderRoom(positionsOf(config)) - 1) return null;
  let [short, enough] = [0, longestUtterance(config)];
  if (mostTokens(enough, config) < tokens) return null;
  while (enough - short > 1) {
    const middle = Math.floor((short + enough) / 2);
    if (mostTokens(middle, config) < tokens) short = middle;
    else enough = middle;
  }
  return enough;
}

/** Samples that the encoder has positions for. */
export function longestUtterance({ maxContext }: WhisperConfig): number {
  return maxContext * SAMPLES_PER_POSITION;
}

function positionsOf(config: WhisperConfig): { readonly maxTokens: number; readonly prompt: number } {
  // of any language: all prompts are of one length
  return { maxTokens: config.maxTokens, prompt: promptTokens(config, config.special.startOfTranscript).length };
}

function refused(reason: Refusal, message: string): TrainingTokens {
  return { kind: 'refused', reason, message };
}
