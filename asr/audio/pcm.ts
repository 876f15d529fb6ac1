/** Whisper's sample rate. */
export const SAMPLE_RATE_HZ = 16_000;

/** Decoded audio: one array of samples in [-1, 1] per channel, all of one length. */
export interface PcmAudio {
  readonly channels: readonly Float32Array[];
  readonly sampleRateHz: number;
}
