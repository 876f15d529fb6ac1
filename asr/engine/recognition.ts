import type { TokenId } from '../whisper/config.ts';
import type { SpeechTask } from '../whisper/prompt.ts';
import type { ContextChoice } from './context-choice.ts';
import type { DecodingSettings, Recognition } from './job.ts';

/** An utterance to recognise, as a caller asks for it. */
export interface RecognitionRequest {
  /** 16 kHz mono, at most 30 s; read until the result is there */
  readonly samples: Float32Array;
  /** BCP-47 */
  readonly language: string;
  /** `name` or `name@version`; null for the base model; left out, the language decides */
  readonly adapter?: string | null;
  /** results of one stream come in the order of its requests; left out, the request is a stream of its own */
  readonly streamId?: string;
  /** transcribe, if left out; Whisper translates into English only */
  readonly task?: SpeechTask;
  /** what was said before, or how words are written: the decoder goes on from its last tokens, as many as there is room for */
  readonly prompt?: string;
  /** words and phrases that are more likely than the model thinks; at most 100, of at most 50 characters each */
  readonly hotWords?: readonly string[];
  /**
   * 0, if left out: the most likely token at each step; above, to 1: drawn, by a seed that follows from the audio.
   * Where guards trip at every context, it rises by itself.
   */
  readonly temperature?: number;
  /**
   * Texts that are followed side by side, of which the likeliest is taken: 1, if left out, to 5. More take longer, and are
   * right more often. Where tokens are drawn, it is 1.
   */
  readonly beamSize?: number;
  /** tokens that the text begins with, whatever the model thinks; part of the result */
  readonly prefix?: readonly TokenId[];
  /**
   * Tokens that are likely to follow the prefix. Those that the model says, too, cost next to nothing; the others are thrown
   * away. What the text is does not depend on them, but for the rounding of steps that are taken together.
   */
  readonly draft?: readonly TokenId[];
  /** times and probabilities of words, too */
  readonly words?: boolean;
  /** goes behind all rows that are not, whenever it came, and is tried once */
  readonly deferrable?: boolean;
  readonly decoding?: Partial<DecodingSettings>;
  /** by the adapter's policy, if left out */
  readonly context?: ContextChoice;
  readonly signal?: AbortSignal;
}

/** What was recognised, and by which adapter. */
export interface RecognitionResult extends Recognition {
  /** null: the base model */
  readonly adapter: { readonly name: string; readonly version: string; readonly digest: string } | null;
}
