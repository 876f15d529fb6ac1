/** A log-mel spectrogram: `values` is [mels, frames], row-major; a frame is 10 ms. */
export interface MelFrames {
  readonly values: Float32Array;
  readonly mels: number;
  readonly frames: number;
}
