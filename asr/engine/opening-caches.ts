import { FloraAsrError } from '../../kernels/errors.ts';
import { type BoundaryTensor, type Feeds, tensor } from '../../kernels/session.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { cacheInputNames } from '../whisper/decoder-graph.ts';
import { crossOutputNames } from '../whisper/encoder-graph.ts';
import type { EncodedRow } from './decode-pool.ts';

export interface OpeningChoice {
  readonly config: WhisperConfig;
  /** rows of the batch, the last one not included */
  readonly from: number;
  readonly to: number;
  /** that each row is fed */
  readonly tokens: number;
}

/**
 * Caches of rows that have no tokens yet, as inputs of the decoder graph: the audio's are the encoder's outputs as they
 * are, without a copy, and of the tokens' nothing is read.
 * @param encoded the rows of one batch
 */
export function openingCaches(encoded: readonly EncodedRow[], { config, from, to, tokens }: OpeningChoice): Feeds {
  const [first] = encoded;
  if (first === undefined) throw new FloraAsrError('shape_mismatch', 'A batch has rows.');
  const headDim = config.dim / config.heads;
  const shape = (length: number) => [to - from, config.heads, length, headDim];
  const crossSize = config.heads * first.paddedContext * headDim;
  const cross = (name: string) => {
    const output = first.outputs[name];
    if (output === undefined) throw new FloraAsrError('shape_mismatch', `No output ${name}.`);
    return tensor(output.subarray(from * crossSize, to * crossSize), shape(first.paddedContext));
  };
  const unread = tensor(new Float32Array((to - from) * config.heads * tokens * headDim), shape(tokens));
  const feeds: Record<string, BoundaryTensor> = {};
  for (let layer = 0; layer < config.decoderLayers; layer += 1) {
    const [inputs, outputs] = [cacheInputNames(layer), crossOutputNames(layer)];
    feeds[inputs.selfKey] = unread;
    feeds[inputs.selfValue] = unread;
    feeds[inputs.crossKey] = cross(outputs.key);
    feeds[inputs.crossValue] = cross(outputs.value);
  }
  return feeds;
}

/** So many tokens more or less do not matter. */
const FEW_TOKENS = 8;

/** Neighbours that may be filled up to the longest of them: half of the tokens are their own at least, or they are few. */
export function alikeRanges(lengths: readonly number[]): readonly { readonly from: number; readonly to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  let [longest, sum] = [0, 0];
  for (const [index, length] of lengths.entries()) {
    const current = ranges.at(-1);
    const longer = Math.max(longest, length);
    const padded = current === undefined ? 0 : longer * (index + 1 - current.from);
    if (current !== undefined && (longer <= FEW_TOKENS || padded <= 2 * (sum + length))) {
      current.to = index + 1;
      [longest, sum] = [longer, sum + length];
    } else {
      ranges.push({ from: index, to: index + 1 });
      [longest, sum] = [length, length];
    }
  }
  return ranges;
}
