import { FloraAsrError } from '../../kernels/errors.ts';

/** Samples under one encoder position: 20 ms at 16 kHz. */
export const SAMPLES_PER_POSITION = 320;
/** Mel frames under one encoder position: the second convolution has stride 2. */
export const FRAMES_PER_POSITION = 2;

/**
 * Encoder positions an utterance is encoded with: its own length, rounded up, and the tail that its
 * adapter was trained with, at most `maxContext` (1,500 for 30 s). Engine and trainer share this.
 * Its features have `FRAMES_PER_POSITION` times as many frames.
 * @throws FloraAsrError `argument_invalid`
 */
export function contextFor(sampleCount: number, tailPositions: number, maxContext: number): number {
  for (const [name, value] of Object.entries({ sampleCount, tailPositions, maxContext })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new FloraAsrError('argument_invalid', `${name} must be a whole number from 0 up, but is ${value}.`);
    }
  }
  return Math.min(Math.ceil(sampleCount / SAMPLES_PER_POSITION) + tailPositions, maxContext);
}
