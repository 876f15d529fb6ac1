import type { WhisperConfig } from '../whisper/config.ts';

/**
 * What a row may generate at a step; each kind is a row of the decoder's mask table.
 *   free:     everything; while the prompt is forced, where nothing generated is used, and the
 *             no-speech probability is that of the unmasked model
 *   first:    text that does not begin with a blank
 *   further:  text, or end-of-text
 *   unended:  text only: the row's length is forced
 */
export const MASK_KINDS = ['free', 'first', 'further', 'unended'] as const;
export type MaskKind = (typeof MASK_KINDS)[number];

export function maskIndex(kind: MaskKind): number {
  return MASK_KINDS.indexOf(kind);
}

/**
 * Whisper's suppression rules as numbers to add to the logits: 0, or −∞. Timestamps never appear,
 * since the prompt says so; the model may still rate them, so they are masked as well.
 * @returns [kind][vocab], in the order of MASK_KINDS
 */
export function decodingMasks(config: WhisperConfig): readonly Float32Array[] {
  const { special } = config;
  const build = (blocked: readonly number[], timestamps: boolean) => {
    const mask = new Float32Array(config.vocab);
    for (const token of blocked) mask[token] = Number.NEGATIVE_INFINITY;
    if (timestamps) mask.fill(Number.NEGATIVE_INFINITY, special.timestampBegin);
    return mask;
  };
  const masks: Readonly<Record<MaskKind, Float32Array>> = {
    free: build([], false),
    first: build([...config.suppressTokens, ...config.beginSuppressTokens], true),
    further: build(config.suppressTokens, true),
    unended: build([...config.suppressTokens, special.endOfText], true),
  };
  return MASK_KINDS.map((kind) => masks[kind]);
}
