import type { MelFrames } from '../features/mel-frames.ts';

/**
 * One example as a trainer computes it. `inputTokens` and `targetTokens` are of one length: position p is fed
 * `inputTokens[p]`, and should answer `targetTokens[p]`, which is `inputTokens[p + 1]` or, at the last one, end-of-text.
 */
export interface TrainingRow {
  /** [mels, 2 · context], as the engine feeds its encoder */
  readonly mel: MelFrames;
  /** encoder positions */
  readonly context: number;
  /** prompt and text, without end-of-text */
  readonly inputTokens: readonly number[];
  /** `NO_TARGET` within the prompt, whose tokens are forced */
  readonly targetTokens: readonly number[];
}

/** Stands where nothing is to be learned. */
export const NO_TARGET = -1;
