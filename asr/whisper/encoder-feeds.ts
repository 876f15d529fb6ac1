import { FloraAsrError } from '../../kernels/errors.ts';
import { type Feeds, tensor } from '../../kernels/session.ts';
import type { MelFrames } from '../features/mel-frames.ts';
import { convolutionTaps } from './convolutions.ts';

/** What the encoder is fed for a batch, apart from adapters. */
export interface EncoderBatch {
  /** `mel`, `position_ids`, and the convolutions' taps */
  readonly feeds: Feeds;
  /** each row's own positions */
  readonly contexts: readonly number[];
  /** the longest row's */
  readonly paddedContext: number;
}

/**
 * Pads a batch with mel 0.0 to its longest row, with a frame of 0.0 at each end. Engine and trainer share this.
 * @param rows each with an even number of frames
 * @throws FloraAsrError `shape_mismatch`
 */
export function encoderFeeds(rows: readonly MelFrames[], mels: number): EncoderBatch {
  const frames = Math.max(...rows.map((row) => row.frames));
  const edged = frames + 2;
  const mel = new Float32Array(rows.length * mels * edged);
  for (const [row, { values, frames: own }] of rows.entries()) {
    if (values.length !== mels * own || own % 2 !== 0) {
      throw new FloraAsrError('shape_mismatch', `A row's mel has ${values.length} values, expected ${mels} × ${own}.`);
    }
    for (let band = 0; band < mels; band += 1) {
      mel.set(values.subarray(band * own, (band + 1) * own), (row * mels + band) * edged + 1);
    }
  }
  const paddedContext = frames / 2;
  const positions = Int32Array.from({ length: paddedContext }, (_, position) => position);
  const taps = Object.entries(convolutionTaps(frames)).map(
    ([name, { values, shape }]) => [name, tensor(values, shape)] as const,
  );
  return {
    feeds: {
      mel: tensor(mel, [rows.length, mels, edged]),
      position_ids: tensor(positions, [paddedContext]),
      ...Object.fromEntries(taps),
    },
    contexts: rows.map((row) => row.frames / 2),
    paddedContext,
  };
}
