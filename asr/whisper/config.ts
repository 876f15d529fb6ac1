/** Brand for ids of the model's vocabulary. */
export type TokenId = number & { readonly __brand: 'TokenId' };

/** Everything about one Whisper checkpoint that is not a weight. */
export interface WhisperConfig {
  /** e.g. `whisper-base` */
  readonly name: string;
  readonly dim: number;
  readonly heads: number;
  readonly ffnDim: number;
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  /** 80, or 128 from large-v3 on */
  readonly mels: number;
  readonly vocab: number;
  /** encoder positions of 20 ms each: 1,500 */
  readonly maxContext: number;
  /** decoder positions: 448 */
  readonly maxTokens: number;
  /** [layer, head] pairs whose cross-attention follows the audio */
  readonly alignmentHeads: readonly (readonly [layer: number, head: number])[];
  /** never generated */
  readonly suppressTokens: readonly TokenId[];
  /** not generated as the first text token */
  readonly beginSuppressTokens: readonly TokenId[];
  /** language code (`el`) to its tag token */
  readonly languageTokens: ReadonlyMap<string, TokenId>;
  readonly special: SpecialTokens;
}

export interface SpecialTokens {
  readonly endOfText: TokenId;
  readonly startOfTranscript: TokenId;
  readonly translate: TokenId;
  readonly transcribe: TokenId;
  readonly startOfPrevious: TokenId;
  readonly noSpeech: TokenId;
  readonly noTimestamps: TokenId;
  /** first of the 1,501 timestamp tokens, 20 ms apart */
  readonly timestampBegin: TokenId;
}
